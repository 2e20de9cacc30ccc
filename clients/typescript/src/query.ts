// The operations as TanStack Query options: `useQuery(getCurrentUserOptions())`. Only
// this module needs @tanstack/react-query.

export * from "./gen/@tanstack/react-query.gen.js";
export { retry, retryDelay } from "./retries.js";

/**
 * Returns the key of all queries whose operations have a tag of the contract:
 * `invalidateQueries({ queryKey: tagged("users") })`.
 */
export const tagged = (tag: string) => [{ tags: [tag] }] as const;
