// The schemas of the contract, for forms: `zLoginUserBody.safeParse(values)`. Only this module needs
// zod. Schemas of responses reject values that are newer than the client; do not parse responses.
import { faultMessage, type FieldCode, type FieldFault, type Wording } from "./messages.js";

export * from "./gen/zod.gen.js";

/** An issue as zod passes it to an error map. */
interface Issue {
  readonly code: string;
  readonly input?: unknown;
  readonly origin?: string;
  readonly expected?: string;
  readonly format?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
}

/**
 * Returns an error map with the API's codes and messages, or an app's own: `schema.safeParse(values,
 * { error: zodMessages(wording) })`, or `z.config({ customError: zodMessages(wording) })`. An empty
 * string counts as missing.
 */
export function zodMessages(wording?: Wording): (issue: Issue) => string {
  return (issue) => faultMessage(zodFault(issue), wording);
}

/** Returns an issue with the API's code and message. */
export function zodFault(issue: Issue): FieldFault {
  const bound = issue.minimum ?? issue.maximum;
  const limit = bound === undefined ? undefined : Number(bound);
  const code = codeOf(issue);
  return { code, limit, detail: detailOf(code, limit ?? 0, issue) };
}

const tooSmall: Record<string, FieldCode> = { string: "too_short", array: "too_few_items", object: "too_few_members" };
const tooBig: Record<string, FieldCode> = { string: "too_long", array: "too_many_items", object: "too_many_members" };
const codes: Record<string, FieldCode> = {
  invalid_format: "invalid_format",
  invalid_value: "not_allowed",
  unrecognized_keys: "unknown_member",
};

function codeOf({ code, input, origin = "" }: Issue): FieldCode {
  if (input === undefined || input === "") return "required";
  if (code === "invalid_type") return input === null ? "not_nullable" : "invalid_type";
  if (code === "too_small") return tooSmall[origin] ?? "too_small";
  if (code === "too_big") return tooBig[origin] ?? "too_large";
  return codes[code] ?? "invalid";
}

function detailOf(code: FieldCode, limit: number, { format = "", expected = "" }: Issue): string {
  const counted = (noun: string) => `${limit} ${noun}${limit === 1 ? "" : "s"}`;
  switch (code) {
    case "required":
      return "Is required.";
    case "not_nullable":
      return "Must not be null.";
    case "invalid_type":
      return `Must be ${/^[aio]/.test(expected) ? "an" : "a"} ${expected}.`;
    case "unknown_member":
      return "Is not in the contract.";
    case "invalid_format":
      return format === "email" ? "Must be an e-mail address." : "Does not have the required form.";
    case "not_allowed":
      return "Must be one of the values in the contract.";
    case "too_short":
      return `Must have at least ${counted("character")}.`;
    case "too_long":
      return `Must have at most ${counted("character")}.`;
    case "too_small":
      return `Must be at least ${limit}.`;
    case "too_large":
      return `Must be at most ${limit}.`;
    case "too_few_items":
      return `Must have at least ${counted("item")}.`;
    case "too_many_items":
      return `Must have at most ${counted("item")}.`;
    default:
      return "Is not valid.";
  }
}
