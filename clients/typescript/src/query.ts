// The operations as TanStack Query options: `useQuery(getCurrentUserOptions())`. Only
// this module needs @tanstack/react-query.
import { isNetworkError, isProblem } from "./problems.js";

export * from "./gen/@tanstack/react-query.gen.js";

/**
 * Returns the key of all queries whose operations have a tag of the contract:
 * `invalidateQueries({ queryKey: tagged("users") })`.
 */
export const tagged = (tag: string) => [{ tags: [tag] }] as const;

const longestWait = 30; // seconds; with a longer Retry-After the query fails

/** For `retry`: retries a query up to three times when the API is overloaded or cannot be reached. */
export function retry(failures: number, error: unknown): boolean {
  if (failures >= 3) return false;
  if (!isProblem(error)) return isNetworkError(error);
  return (error.status === 503 || error.status === 429) && (error.retryAfter ?? 0) <= longestWait;
}

/** For `retryDelay`: waits for `Retry-After`, else backs off exponentially. */
export function retryDelay(failures: number, error: unknown): number {
  const seconds = isProblem(error) ? error.retryAfter : undefined;
  return 1000 * (seconds ?? Math.min(2 ** failures, longestWait));
}
