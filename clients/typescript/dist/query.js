// The operations as TanStack Query options: `useQuery(getCurrentUserOptions({ client }))`. It is the only module that needs
// @tanstack/react-query.
import * as generated from "./gen/@tanstack/react-query.gen.js";
import { isNetworkError, isProblem } from "./problems.js";
export * from "./gen/@tanstack/react-query.gen.js";
/** All accounts, page after page: for `useInfiniteQuery`. */
export const listUsersInfiniteOptions = (options) => byCursor(generated.listUsersInfiniteOptions(options));
/** Who did what, page after page: for `useInfiniteQuery`. */
export const listAuditEventsInfiniteOptions = (options) => byCursor(generated.listAuditEventsInfiniteOptions(options));
/** The generated options know how to ask for a page; this says where the first is, and the next. */
function byCursor(options) {
    return {
        ...options,
        initialPageParam: {},
        getNextPageParam: (last) => last.next_cursor ?? undefined,
    };
}
const longestWait = 30; // seconds; a longer wait is reported as an error
/** For `retry`: tries a query again where that helps, which is when the API is overloaded or cannot be reached. */
export function retry(failures, error) {
    if (failures >= 3)
        return false;
    if (!isProblem(error))
        return isNetworkError(error);
    return (error.status === 503 || error.status === 429) && (error.retryAfter ?? 0) <= longestWait;
}
/** For `retryDelay`: waits as long as the API says, else longer each time. */
export function retryDelay(failures, error) {
    const seconds = isProblem(error) ? error.retryAfter : undefined;
    return 1000 * (seconds ?? Math.min(2 ** failures, longestWait));
}
