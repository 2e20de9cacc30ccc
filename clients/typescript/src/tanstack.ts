// What the generated options import instead of TanStack Query: the same, with the errors that
// operations reject with, the pages of lists, and mutations that need no argument.
import * as tanstack from "@tanstack/react-query";
import type { QueryKey } from "@tanstack/react-query";
import type { ApiError } from "./problems.js";

export type { InfiniteData } from "@tanstack/react-query";
export type DefaultError = ApiError;

export function queryOptions<Data, _Problem, Selected, Key extends QueryKey>(
  options: tanstack.UnusedSkipTokenOptions<Data, ApiError, Selected, Key>,
) {
  return tanstack.queryOptions<Data, ApiError, Selected, Key>(options);
}

/** Adds the first page and the next one, which the generated options lack. */
export function infiniteQueryOptions<Data, _Problem, Selected, Key extends QueryKey, Page>(
  options: Omit<
    tanstack.UnusedSkipTokenInfiniteOptions<Data, ApiError, Selected, Key, Page>,
    "initialPageParam" | "getNextPageParam"
  >,
) {
  const found = tanstack.infiniteQueryOptions<Data, ApiError, Selected, Key, Page>({
    ...options,
    initialPageParam: {} as Page,
    getNextPageParam: (last) => (last as { next_cursor?: Page | null }).next_cursor,
  } as tanstack.UnusedSkipTokenInfiniteOptions<Data, ApiError, Selected, Key, Page>);
  return found as typeof found & { queryFn: NonNullable<(typeof found)["queryFn"]> }; // not undefined, for exactOptionalPropertyTypes
}

export type UseMutationOptions<Data, _Problem, Variables> = tanstack.UseMutationOptions<
  Data,
  ApiError,
  object extends Variables ? Variables | void : Variables
>;
