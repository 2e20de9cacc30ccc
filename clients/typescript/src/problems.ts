import type { FieldError, Problem, ProblemCode } from "./gen/types.gen.js";

/** The code of a response of an intermediary, such as a proxy or a captive portal. */
export type UnexpectedAnswer = "unexpected_answer";

/**
 * An error response of the API: its RFC 9457 problem document. `code` is for programs, `detail` for
 * people.
 */
export class ProblemError extends Error implements Omit<Problem, "code"> {
  override readonly name = "ProblemError";
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProblemCode | UnexpectedAnswer;
  /** Quote it when you report a problem: it identifies the request in the API's logs. */
  readonly request_id: string;
  /** For `validation_failed`: where the request violates the contract. */
  readonly errors: FieldError[];
  /** Seconds to wait before a retry, from `Retry-After`. */
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

/** The API could not be reached, or its response was cut off. `cause` is the platform's error. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** Whether the browser itself has no network. Otherwise only the API is unreachable. */
  readonly offline: boolean;

  constructor(cause: unknown) {
    const offline = globalThis.navigator?.onLine === false;
    super(offline ? "You are offline." : "The API cannot be reached.", { cause });
    this.offline = offline;
  }
}

/** What operations reject with, unless the call itself is wrong or is aborted. */
export type ApiError = ProblemError | NetworkError;

/** Whether an error is a ProblemError, with one of the given codes if there are any. */
export function isProblem(error: unknown): error is ProblemError;
export function isProblem<Code extends ProblemCode | UnexpectedAnswer>(
  error: unknown,
  ...codes: [Code, ...Code[]]
): error is ProblemError & { readonly code: Code };
export function isProblem(error: unknown, ...codes: string[]): boolean {
  return error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));
}

/** Whether an error is a NetworkError. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof NetworkError;
}

/**
 * Creates the error for a response that is not a success or cannot be read. `body` is its parsed or
 * plain content.
 */
export function toProblemError(response: Response, body: unknown): ProblemError {
  if (isProblemDocument(body)) {
    return new ProblemError(body, secondsOf(response));
  }
  return new ProblemError({
    type: "about:blank",
    title: "Unexpected response",
    status: response.status,
    detail: `The response with status ${response.status} is not from the API.`,
    instance: new URL(response.url || "about:blank").pathname,
    code: "unexpected_answer",
    request_id: response.headers.get("X-Request-ID") ?? "",
  });
}

/** Returns the seconds of `Retry-After`. */
export function secondsOf(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}

function isProblemDocument(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "status" in body && "title" in body;
}
