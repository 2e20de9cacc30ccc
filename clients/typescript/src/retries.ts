import { isNetworkError, isProblem, secondsOf } from "./problems.js";

const longestWait = 30; // seconds; with a longer Retry-After a call fails
const idempotent = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/** For `retry` of a QueryClient: retries up to three times when the API is overloaded or unreachable. */
export function retry(failures: number, error: unknown): boolean {
  if (failures >= 3) return false;
  if (!isProblem(error)) return isNetworkError(error);
  return isBusy(error.status, error.retryAfter);
}

/** For `retryDelay` of a QueryClient: waits for `Retry-After`, else backs off exponentially. */
export function retryDelay(failures: number, error: unknown): number {
  return delay(failures, isProblem(error) ? error.retryAfter : undefined);
}

type Send = (request: Request) => Promise<Response>;

/** Repeats idempotent requests while the API is overloaded or unreachable. */
export function withRetries(send: Send, retries: number): Send {
  if (retries <= 0) return send;
  return async (request) => {
    const most = idempotent.includes(request.method) ? retries : 0;
    for (let failures = 0; failures < most; failures++) {
      let seconds: number | undefined;
      try {
        const response = await send(request.clone());
        seconds = secondsOf(response);
        if (!isBusy(response.status, seconds)) return response;
        response.body?.cancel().catch(() => {});
      } catch (error) {
        if (!isNetworkError(error)) throw error;
      }
      await wait(delay(failures, seconds), request.signal);
    }
    return send(request);
  };
}

function isBusy(status: number, retryAfter = 0): boolean {
  return (status === 503 || status === 429) && retryAfter <= longestWait;
}

function delay(failures: number, retryAfter: number | undefined): number {
  return 1000 * (retryAfter ?? Math.min(2 ** failures, longestWait));
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    const timer = setTimeout(() => (signal.removeEventListener("abort", abort), resolve()), milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), abort()), { once: true });
  });
}
