import type { FieldError, Problem, ProblemCode } from "./gen/types.gen.js";
/** The code of a response of an intermediary, such as a proxy or a captive portal. */
export type UnexpectedAnswer = "unexpected_answer";
/**
 * An error response of the API: its RFC 9457 problem document. `code` is for programs, `detail` for
 * people.
 */
export declare class ProblemError extends Error implements Omit<Problem, "code"> {
    readonly name = "ProblemError";
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
    constructor(problem: Omit<Problem, "code"> & {
        code: ProblemCode | UnexpectedAnswer;
    }, retryAfter?: number);
}
/** The API could not be reached, or its response was cut off. `cause` is the platform's error. */
export declare class NetworkError extends Error {
    readonly name = "NetworkError";
    constructor(cause: unknown);
}
/** Whether an error is a ProblemError, with one of the given codes if there are any. */
export declare function isProblem(error: unknown): error is ProblemError;
export declare function isProblem<Code extends ProblemCode | UnexpectedAnswer>(error: unknown, ...codes: [Code, ...Code[]]): error is ProblemError & {
    readonly code: Code;
};
/** Whether an error is a NetworkError. */
export declare function isNetworkError(error: unknown): error is NetworkError;
/**
 * Returns the first error message of each member of the body, for forms: `{ email: "Must be an
 * e-mail address in ASCII." }`.
 */
export declare function fieldErrors(error: unknown): Record<string, string>;
/**
 * Creates the error for a response that is not a success or cannot be read. `body` is its parsed or
 * plain content.
 */
export declare function toProblemError(response: Response, body: unknown): ProblemError;
