// The messages of errors, for people. An app replaces the API's English by code.
import type { FieldError, ProblemCode } from "./gen/types.gen.js";
import { isNetworkError, isProblem, type NetworkError, type ProblemError, type UnexpectedAnswer } from "./problems.js";

// The codes of faults of members, the most telling first: an e-mail without "@" is not too short.
const telling = [
  "required",
  "not_nullable",
  "invalid_type",
  "unknown_member",
  "control_character",
  "invalid_format",
  "not_allowed",
  "too_short",
  "too_long",
  "too_small",
  "too_large",
  "too_few_items",
  "too_many_items",
  "too_few_members",
  "too_many_members",
  "password_blocklisted",
  "invalid",
] as const;

/** The code of a fault of a member of the body. The API may add codes. */
export type FieldCode = (typeof telling)[number];

/** A fault of a member of the body. */
export interface FieldFault extends Pick<FieldError, "code" | "detail"> {
  /** The bound that the value breaks, such as the minimum length. */
  readonly limit: number | undefined;
}

type Words<Fault> = string | ((fault: Fault) => string);

/**
 * An app's own messages, by code: those of problems, of faults of members, and `offline` and
 * `unreachable` for network errors. The API's `detail` is used where a message is missing.
 */
export type Wording = { readonly [Code in ProblemCode | UnexpectedAnswer]?: Words<ProblemError> } & {
  readonly [Code in FieldCode]?: Words<FieldFault>;
} & { readonly [Code in "offline" | "unreachable"]?: Words<NetworkError> };

/** Returns the message of an error. */
export function errorMessage(error: unknown, wording: Wording = {}): string {
  if (isProblem(error)) return say(wording, error.code, error, error.detail);
  if (isNetworkError(error)) return say(wording, error.offline ? "offline" : "unreachable", error, error.message);
  return error instanceof Error ? error.message : String(error);
}

/** Returns the message of a fault of a member. */
export function faultMessage(fault: FieldFault, wording: Wording = {}): string {
  return say(wording, fault.code, fault, fault.detail);
}

/**
 * Returns the most telling message for each member of the body: `{ email: "Must be an e-mail
 * address in ASCII." }`. The name of a member of a member is `address.city`, that of an item
 * `tags.0`.
 */
export function fieldErrors(error: unknown, wording?: Wording): Record<string, string> {
  return Object.fromEntries(Object.entries(faults(error)).map(([name, fault]) => [name, faultMessage(fault, wording)]));
}

/** Errors by the name of a field, in the shape of React Hook Form. */
export type FormErrors = Record<string, { type: string; message: string }>;

export interface FormErrorOptions {
  wording?: Wording;
  /** The names of the form's fields. Faults of other members are in `root`. */
  names?: readonly string[];
  /** Problems that belong to a field, by code: `{ email_taken: "email" }`. */
  codes?: { readonly [Code in ProblemCode]?: string };
}

/**
 * Returns the errors of a form by field; `root` is the one that belongs to no field. There are none
 * if `error` is null or undefined.
 */
export function toFormErrors(error: unknown, options: FormErrorOptions = {}): FormErrors {
  if (error === null || error === undefined) return {};
  const { wording, names, codes = {} } = options;
  const isField = (name: string | undefined) => name !== undefined && (!names || names.includes(name));
  const found = faults(error);
  const fields = Object.entries(found).filter(([name]) => isField(name));
  if (fields.length > 0) {
    return Object.fromEntries(fields.map(([name, fault]) => [name, { type: fault.code, message: faultMessage(fault, wording) }]));
  }
  const [other] = Object.entries(found);
  if (other) return { root: { type: other[1].code, message: `${other[0]}: ${faultMessage(other[1], wording)}` } };
  const code = isProblem(error) ? error.code : "unknown";
  const field = (codes as Record<string, string | undefined>)[code];
  return { [isField(field) ? String(field) : "root"]: { type: code, message: errorMessage(error, wording) } };
}

/** Returns the most telling fault of each member of the body. */
function faults(error: unknown): Record<string, FieldFault> {
  if (!isProblem(error)) return {};
  const found = new Map<string, FieldFault>();
  for (const { pointer, code, detail } of error.errors) {
    if (!pointer) continue;
    const name = pointer.slice(1).split("/").map(unescape).join(".");
    const known = found.get(name);
    if (!known || rank(code) < rank(known.code)) found.set(name, { code, detail, limit: limitIn(detail) });
  }
  return Object.fromEntries(found);
}

function rank(code: string): number {
  const index = (telling as readonly string[]).indexOf(code);
  return index < 0 ? telling.length - 1.5 : index; // before "invalid"
}

function limitIn(detail: string): number | undefined {
  const [number] = detail.match(/-?\d[\d.]*(?=\D*$)/) ?? [];
  return number === undefined ? undefined : Number.parseFloat(number);
}

const unescape = (step: string) => step.replaceAll("~1", "/").replaceAll("~0", "~");

function say(wording: Wording, code: string, fault: ProblemError | FieldFault | NetworkError, otherwise: string): string {
  const words = (wording as Record<string, Words<never> | undefined>)[code];
  if (words === undefined) return otherwise;
  return typeof words === "string" ? words : words(fault as never);
}
