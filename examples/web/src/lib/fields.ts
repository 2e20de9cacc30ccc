// Converts the texts of inputs to values of the API, and back. Nothing is in an empty input.

export const toNumber = (text: string) => (text === "" ? undefined : Number(text));

export const toFlag = (text: string) => (text === "" ? undefined : text === "true");

/** An identifier of the API; others filter nothing. */
export const toID = (text: string) => (/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text) ? text : undefined);

/** A time of the user's own clock, as in `<input type="datetime-local">`, to an instant in UTC. */
export const toInstant = (local: string) => (local === "" ? undefined : new Date(local).toISOString());

export function fromInstant(instant: string | null | undefined): string {
  if (!instant) return "";
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, -1)
    .replace(/(:00)?\.000$/, "");
}

/** The lines of a text, without those that are empty. */
export function toList(text: string): string[] | undefined {
  const items = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return items.length > 0 ? items : undefined;
}

export const fromList = (items: string[] | null | undefined) => items?.join("\n") ?? "";
