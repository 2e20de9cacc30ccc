import type { FieldError, Problem, ProblemCode } from "./gen/types.gen.js";

/** The code of an answer that is not the API's, but that of a proxy or a captive portal between here and there. */
export type UnexpectedAnswer = "unexpected_answer";

/** A refusal of the API: its RFC 9457 problem document, as an error. `code` is for programs, `detail` for people. */
export class ProblemError extends Error implements Omit<Problem, "code"> {
  override readonly name = "ProblemError";
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode | UnexpectedAnswer;
  /** Quote it when you report the problem: it finds the request in the API's logs. */
  readonly request_id: string;
  /** With `validation_failed`: where the request breaks the contract. */
  readonly errors: FieldError[];
  /** Seconds to wait before trying again, where the API says so. */
  readonly retryAfter: number | undefined;

  constructor(problem: Omit<Problem, "code"> & { code: ProblemCode | UnexpectedAnswer }, retryAfter?: number) {
    super(`${problem.title}: ${problem.detail}`);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.instance = problem.instance;
    this.code = problem.code;
    this.request_id = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** The API could not be reached, or its answer was cut off. `cause` is what the platform says. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(cause: unknown) {
    super("The API cannot be reached.", { cause });
  }
}

/** Whether an error is a refusal of the API, with one of these codes if any are given. */
export function isProblem(error: unknown): error is ProblemError;
export function isProblem<Code extends ProblemCode | UnexpectedAnswer>(
  error: unknown,
  ...codes: [Code, ...Code[]]
): error is ProblemError & { readonly code: Code };
export function isProblem(error: unknown, ...codes: string[]): boolean {
  return error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));
}

/** Whether an error means that the API could not be reached, or not to the end of its answer. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof NetworkError;
}

/** What is wrong with each member of the body, by its name, for forms: `{ email: "Must be an e-mail address in ASCII." }`. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!isProblem(error)) return {};
  const named = error.errors.flatMap(({ pointer, detail }) => (pointer ? [[pointer.slice(1), detail] as const] : []));
  return Object.fromEntries(named.reverse()); // of several for one member, the first
}

/** Makes the error of an answer that is not a success, or that cannot be read. `body` is its parsed or plain content. */
export function refusal(response: Response, body: unknown): ProblemError {
  if (isProblemDocument(body)) {
    const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    return new ProblemError(body, Number.isNaN(seconds) ? undefined : seconds);
  }
  return new ProblemError({
    type: "about:blank",
    title: "Unexpected answer",
    status: response.status,
    detail: `The answer with status ${response.status} did not come from the API.`,
    instance: new URL(response.url || "about:blank").pathname,
    code: "unexpected_answer",
    request_id: response.headers.get("X-Request-ID") ?? "",
  });
}

function isProblemDocument(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "title" in body;
}
