import { getCurrentUser, isNetworkError } from "@plinth/client";
import { retry, retryDelay } from "@plinth/client/query";
import { MutationCache, QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";
import { unreachable } from "@/api";

const onError = (error: unknown) => isNetworkError(error) && unreachable.set(true);

/** Each user gets a cache of their own, so that the data of one is never shown to another. */
export const createQueryClient = () =>
  new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => {
          onError(error);
          return retry(failures, error);
        },
        retryDelay,
        staleTime: 5_000,
      },
      mutations: { networkMode: "always" }, // offline they fail at once, instead of waiting
    },
  });

/** The user's account with its version, which updates send as If-Match. */
export const meOptions = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const { data, response } = await getCurrentUser({ signal });
    return { ...data, version: response.headers.get("ETag") ?? "*" };
  },
});
export type Me = Awaited<ReturnType<NonNullable<typeof meOptions.queryFn>>>;
