import { createPlinthClient, getCurrentUser, inLocalStorage } from "@plinth/client";
import { retry, retryDelay } from "@plinth/client/query";
import { QueryClient, queryOptions } from "@tanstack/react-query";

/**
 * Tokens are kept in localStorage: a reload stays signed in, and all tabs share one session. A script that got into the
 * page could read them, so the page's Content-Security-Policy lets none in; see vite.config.ts.
 */
export const client = createPlinthClient({ baseUrl: import.meta.env.VITE_API_URL, storage: inLocalStorage() });

/** The hint at a new password. 15 is the API's PASSWORD_MIN_LENGTH; a refusal names the minimum in force. */
export const passwordHint = "At least 15 characters. Length is what helps.";

export const queryClient = new QueryClient({ defaultOptions: { queries: { retry, retryDelay, staleTime: 5_000 } } });

/** The user's account, with the version that a change is made to. */
export const meOptions = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const { data, response } = await getCurrentUser({ client, signal });
    return { ...data, version: response.headers.get("ETag") ?? "*" };
  },
});
export type Me = Awaited<ReturnType<NonNullable<typeof meOptions.queryFn>>>;
