/**
 * An error response of the API: its RFC 9457 problem document. `code` is for programs, `detail` for
 * people.
 */
export class ProblemError extends Error {
    name = "ProblemError";
    type;
    title;
    status;
    detail;
    instance;
    code;
    /** Quote it when you report a problem: it identifies the request in the API's logs. */
    request_id;
    /** For `validation_failed`: where the request violates the contract. */
    errors;
    /** Seconds to wait before a retry, from `Retry-After`. */
    retryAfter;
    constructor(problem, retryAfter) {
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
    name = "NetworkError";
    constructor(cause) {
        super("The API cannot be reached.", { cause });
    }
}
export function isProblem(error, ...codes) {
    return error instanceof ProblemError && (codes.length === 0 || codes.includes(error.code));
}
/** Whether an error is a NetworkError. */
export function isNetworkError(error) {
    return error instanceof NetworkError;
}
/**
 * Returns the first error message of each member of the body, for forms: `{ email: "Must be an
 * e-mail address in ASCII." }`.
 */
export function fieldErrors(error) {
    if (!isProblem(error))
        return {};
    const named = error.errors.flatMap(({ pointer, detail }) => (pointer ? [[pointer.slice(1), detail]] : []));
    return Object.fromEntries(named.reverse()); // the first error of a member wins
}
/**
 * Creates the error for a response that is not a success or cannot be read. `body` is its parsed or
 * plain content.
 */
export function toProblemError(response, body) {
    if (isProblemDocument(body)) {
        const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
        return new ProblemError(body, Number.isNaN(seconds) ? undefined : seconds);
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
function isProblemDocument(body) {
    return typeof body === "object" && body !== null && "code" in body && "status" in body && "title" in body;
}
