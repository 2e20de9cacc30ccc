import type { FieldError, Problem, ProblemCode } from "./gen/types.gen.js";
/** The code of an answer that is not the API's, but that of a proxy or a captive portal between here and there. */
export type UnexpectedAnswer = "unexpected_answer";
/** A refusal of the API: its RFC 9457 problem document, as an error. `code` is for programs, `detail` for people. */
export declare class ProblemError extends Error implements Omit<Problem, "code"> {
    readonly name = "ProblemError";
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
    constructor(problem: Omit<Problem, "code"> & {
        code: ProblemCode | UnexpectedAnswer;
    }, retryAfter?: number);
}
/** The API could not be reached, or its answer was cut off. `cause` is what the platform says. */
export declare class NetworkError extends Error {
    readonly name = "NetworkError";
    constructor(cause: unknown);
}
/** Whether an error is a refusal of the API, with one of these codes if any are given. */
export declare function isProblem(error: unknown): error is ProblemError;
export declare function isProblem<Code extends ProblemCode | UnexpectedAnswer>(error: unknown, ...codes: [Code, ...Code[]]): error is ProblemError & {
    readonly code: Code;
};
/** Whether an error means that the API could not be reached, or not to the end of its answer. */
export declare function isNetworkError(error: unknown): error is NetworkError;
/** What is wrong with each member of the body, by its name, for forms: `{ email: "Must be an e-mail address in ASCII." }`. */
export declare function fieldErrors(error: unknown): Record<string, string>;
/** Makes the error of an answer that is not a success, or that cannot be read. `body` is its parsed or plain content. */
export declare function refusal(response: Response, body: unknown): ProblemError;
