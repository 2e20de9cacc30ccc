import { InfiniteQueryObserver, MutationObserver, QueryClient, QueryObserver, useMutation, useQuery } from "@tanstack/react-query";
import { afterEach, expect, expectTypeOf, test, vi } from "vitest";
import { NetworkError, ProblemError, setDefaultClient, type ApiError, type ProblemCode, type User } from "../src/index.js";
import {
  getCurrentUserOptions,
  listAuditEventsInfiniteOptions, // scaffold:only audit
  getUserQueryKey,
  listUsersInfiniteOptions,
  listUsersOptions,
  listUsersQueryKey,
  logoutAllSessionsMutation,
  retry,
  retryDelay,
  tagged,
  updateUserMutation,
} from "../src/query.js";
import { newEmail, password, signedIn, signedInAsAdmin, newClient } from "./support.js";
import { getCurrentUser, listUsers, paginate, registerUser } from "../src/index.js";

afterEach(() => vi.unstubAllGlobals());

test("queries are typed and use the client's session", async () => {
  const { client, email } = await signedIn();
  const user = await new QueryClient().fetchQuery(getCurrentUserOptions({ client }));
  expect(user.email satisfies string).toBe(email);
});

test("infinite queries follow the cursor to the last page", async () => {
  const client = await signedInAsAdmin();
  const mark = newEmail().split("@")[0] as string;
  for (const n of [1, 2, 3]) {
    await registerUser({ client: newClient(), body: { email: `${mark}-${n}@example.com`, password } });
  }
  const options = listUsersInfiniteOptions({ client, query: { search: mark, limit: 2 } });
  const pages = new InfiniteQueryObserver(new QueryClient(), options);
  const first = await pages.fetchNextPage();
  expect(first.hasNextPage).toBe(true);
  const second = await pages.fetchNextPage();
  expect(second.hasNextPage).toBe(false);
  expect(second.data?.pages.flatMap(({ items }) => items.map(({ email }) => email))).toEqual(
    [3, 2, 1].map((n) => `${mark}-${n}@example.com`),
  );
});

test("calls use the default client", async () => {
  vi.stubGlobal("window", globalThis); // a browser
  expect(() => getCurrentUserOptions()).toThrow("setDefaultClient");
  const { client, email } = await signedIn();
  setDefaultClient(client);
  expect((await new QueryClient().fetchQuery(getCurrentUserOptions())).email).toBe(email);
});

test("mutations take the arguments of the operation, and keys invalidate every list", async () => {
  setDefaultClient(await signedInAsAdmin());
  const { email } = await signedIn();
  const queryClient = new QueryClient();
  const lists = new QueryObserver(queryClient, listUsersOptions({ query: { search: email } }));
  const pages = new InfiniteQueryObserver(queryClient, listUsersInfiniteOptions({ query: { search: email } }));
  const id = String((await lists.refetch()).data?.items[0]?.id);
  await pages.refetch();

  const update = new MutationObserver(queryClient, updateUserMutation());
  const after = await update.mutate({ path: { id }, body: { name: "Ada" } });
  expectTypeOf(after).toEqualTypeOf<User>();
  expect(after.name).toBe("Ada");

  const stale = () => queryClient.getQueryCache().findAll({ stale: true }).filter((query) => query.state.isInvalidated).length;
  await queryClient.invalidateQueries({ queryKey: listUsersQueryKey(), refetchType: "none" });
  expect(stale()).toBe(2);
  await lists.refetch();
  await pages.refetch();
  await queryClient.invalidateQueries({ queryKey: tagged("users"), refetchType: "none" });
  expect(stale()).toBe(2);
  expect(getUserQueryKey({ path: { id } })[0].tags).toEqual(["users"]);
});

test("the types of hooks are those of the operation, and of its errors", () => {
  void function Component() {
    const query = useQuery(getCurrentUserOptions());
    expectTypeOf(query.error).toEqualTypeOf<ApiError | null>();
    expectTypeOf(query.data).toEqualTypeOf<User | undefined>();
    const update = useMutation(updateUserMutation());
    expectTypeOf(update.error).toEqualTypeOf<ApiError | null>();
    update.mutate({ path: { id: "" }, body: { name: null } });
    // @ts-expect-error: the operation has a path
    update.mutate({ body: { name: null } });
    // @ts-expect-error: there is no such role
    update.mutate({ path: { id: "" }, body: { role: "king" } });
    useMutation(logoutAllSessionsMutation()).mutate();
    useMutation({ ...updateUserMutation(), onError: (error) => expectTypeOf(error).toEqualTypeOf<ApiError>() });
  };
});

// scaffold:begin audit
test("infinite queries of audit events follow the cursor", async () => {
  const client = await signedInAsAdmin();
  const options = listAuditEventsInfiniteOptions({ client, query: { limit: 1 } });
  const pages = new InfiniteQueryObserver(new QueryClient(), options);
  await pages.fetchNextPage();
  const { data } = await pages.fetchNextPage();
  expect(data?.pages.map(({ items }) => items.length)).toEqual([1, 1]);
});
// scaffold:end audit

test("paginate returns the items of all pages", async () => {
  const client = await signedInAsAdmin();
  const mark = newEmail().split("@")[0] as string;
  for (const n of [1, 2, 3]) {
    await registerUser({ client: newClient(), body: { email: `${mark}-${n}@example.com`, password } });
  }
  const emails: string[] = [];
  for await (const user of paginate(listUsers, { client, query: { search: mark, limit: 2 } })) emails.push(user.email);
  expect(emails).toEqual([3, 2, 1].map((n) => `${mark}-${n}@example.com`));
  // @ts-expect-error: there is no such filter
  void paginate(listUsers, { client, query: { color: "red" } });
  // @ts-expect-error: not a list
  void paginate(getCurrentUser, { client });
});

test("retry and retryDelay respect Retry-After and back off", () => {
  const problem = (status: number, code: ProblemCode, retryAfter?: number) =>
    new ProblemError({ type: "", title: "", status, detail: "", instance: "", code, request_id: "" }, retryAfter);
  const overloaded = problem(503, "overloaded", 7);
  expect(retry(0, overloaded)).toBe(true);
  expect(retry(2, overloaded)).toBe(true);
  expect(retry(3, overloaded)).toBe(false);
  expect(retryDelay(0, overloaded)).toBe(7_000);
  expect(retry(0, new NetworkError(undefined))).toBe(true);
  expect([0, 1, 2].map((n) => retryDelay(n, new NetworkError(undefined)))).toEqual([1_000, 2_000, 4_000]);
  expect(retry(0, problem(404, "user_not_found"))).toBe(false);
  expect(retry(0, problem(429, "rate_limited", 900))).toBe(false);
  expect(retry(0, problem(429, "rate_limited", 2))).toBe(true);
  expect(retry(0, new Error("a bug"))).toBe(false);
});
