/** An operation that returns pages. */
type List = (options: never) => Promise<{ data: { items: unknown[]; next_cursor: string | null } | undefined }>;

type ItemOf<Operation extends List> = NonNullable<Awaited<ReturnType<Operation>>["data"]>["items"][number];

/**
 * Returns the items of all pages of a list, and loads each page when it is reached: `for await
 * (const user of paginate(listUsers, { client, query: { search } }))`.
 */
export async function* paginate<Operation extends List>(
  list: Operation,
  options?: Parameters<Operation>[0],
): AsyncGenerator<ItemOf<Operation>, void, undefined> {
  const { query, ...others } = (options ?? {}) as { query?: object };
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = { ...others, query: { ...query, ...(cursor && { cursor }) }, throwOnError: true };
    const { data } = await list(page as never);
    yield* (data?.items ?? []) as ItemOf<Operation>[];
    cursor = data?.next_cursor ?? null;
  }
}
