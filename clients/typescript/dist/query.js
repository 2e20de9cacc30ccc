// The operations as TanStack Query options: `useQuery(getCurrentUserOptions({ client }))`. Only
// this module needs @tanstack/react-query.
import * as generated from "./gen/@tanstack/react-query.gen.js";
import { isNetworkError, isProblem } from "./problems.js";
export * from "./gen/@tanstack/react-query.gen.js";
/** All accounts, for `useInfiniteQuery`. */
export const listUsersInfiniteOptions = (options) => byCursor(generated.listUsersInfiniteOptions(options));
// scaffold:begin audit
/** All audit events, for `useInfiniteQuery`. */
export const listAuditEventsInfiniteOptions = (options) => byCursor(generated.listAuditEventsInfiniteOptions(options));
// scaffold:end audit
/** Adds the first page and the next cursor, which the generated options lack. */
function byCursor(options) {
    return {
        ...options,
        initialPageParam: {},
        getNextPageParam: (last) => last.next_cursor ?? undefined,
    };
}
const longestWait = 30; // seconds; with a longer Retry-After the query fails
/** For `retry`: retries a query up to three times when the API is overloaded or cannot be reached. */
export function retry(failures, error) {
    if (failures >= 3)
        return false;
    if (!isProblem(error))
        return isNetworkError(error);
    return (error.status === 503 || error.status === 429) && (error.retryAfter ?? 0) <= longestWait;
}
/** For `retryDelay`: waits for `Retry-After`, else backs off exponentially. */
export function retryDelay(failures, error) {
    const seconds = isProblem(error) ? error.retryAfter : undefined;
    return 1000 * (seconds ?? Math.min(2 ** failures, longestWait));
}
