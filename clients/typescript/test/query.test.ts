import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { NetworkError, ProblemError, type ProblemCode } from "../src/index.js";
import {
  getCurrentUserOptions,
  listAuditEventsInfiniteOptions, // scaffold:only audit
  listUsersInfiniteOptions,
  retry,
  retryDelay,
} from "../src/query.js";
import { newEmail, password, signedIn, signedInAsAdmin, newClient } from "./support.js";
import { registerUser } from "../src/index.js";

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
