import { createPlinthClient, getCurrentUser, inLocalStorage } from "@plinth/client";
import { retry, retryDelay } from "@plinth/client/query";
import { QueryClient, queryOptions } from "@tanstack/react-query";

/**
 * Tokens are in localStorage: the user stays signed in after a reload, and all tabs share one
 * session. Scripts in the page can read them, so the page's Content-Security-Policy blocks injected
 * scripts; see vite.config.ts.
 */
export const client = createPlinthClient({ baseUrl: import.meta.env.VITE_API_URL, storage: inLocalStorage() });

/**
 * The hint for a new password. 15 is the default of PASSWORD_MIN_LENGTH; errors name the configured
 * minimum.
 */
export const passwordHint = "At least 15 characters. Longer is better.";

export const queryClient = new QueryClient({ defaultOptions: { queries: { retry, retryDelay, staleTime: 5_000 } } });

/** The user's account with its version, which updates send as If-Match. */
export const meOptions = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const { data, response } = await getCurrentUser({ client, signal });
    return { ...data, version: response.headers.get("ETag") ?? "*" };
  },
});
export type Me = Awaited<ReturnType<NonNullable<typeof meOptions.queryFn>>>;
