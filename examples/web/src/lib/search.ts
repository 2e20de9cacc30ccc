// Reads the search parameters of pages. A parameter that is missing or makes no sense is left out:
// an old or mistyped address still opens the page.

type Reader<Value> = (value: unknown) => Value | undefined;

/** For `validateSearch` of a route. */
export function search<Values extends Record<string, unknown>>(
  readers: { [Name in keyof Values]: Reader<Values[Name]> },
) {
  return (input: Record<string, unknown>): Partial<Values> => {
    const entries = Object.entries(readers).map(([name, read]) => [name, (read as Reader<unknown>)(input[name])]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<Values>;
  };
}

/** Any text; numbers and the like are texts in an address. */
export const text: Reader<string> = (value) =>
  value === undefined || value === null || value === "" ? undefined : String(value).slice(0, 200);

export const flag: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

/** One of some values. */
export const choice =
  <Value extends string>(...values: Value[]): Reader<Value> =>
  (value) =>
    values.find((known) => known === value);
