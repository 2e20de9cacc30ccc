import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import * as api from "../src/gen/sdk.gen.js";
import { createPlinthClient, fieldErrors, inMemory, isNetworkError, isProblem, type ProblemError } from "../src/index.js";
import { MockApi } from "../src/testing.js";
import { root } from "./setup.js";
import { failure, newClient } from "./support.js";

const problem = async (promise: Promise<unknown>) => (await failure(promise)) as ProblemError;

describe("the mock", () => {
  test("has a user and an administrator, as make seed", async () => {
    const mock = new MockApi();
    const [user, admin] = [mock.client("user"), mock.client("admin")];
    expect((await api.getCurrentUser({ client: user })).data).toMatchObject({ email: "ada@example.com", role: "user" });
    expect((await api.getCurrentUser({ client: admin })).data).toMatchObject({ email: "admin@example.com", role: "admin" });
    expect(await failure(api.listUsers({ client: user }))).toMatchObject({ code: "forbidden", status: 403 });
    expect(await failure(api.listUsers({ client: mock.client() }))).toMatchObject({ code: "unauthenticated" });
  });

  test("has lists with several pages and an end, filters, search and order", async () => {
    const client = new MockApi({ size: 45 }).client("admin");
    const emails: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { data } = await api.listUsers({ client, query: cursor ? { cursor } : {} });
      emails.push(...data.items.map(({ email }) => email));
      cursor = data.next_cursor;
    }
    expect(emails).toHaveLength(45);
    expect(new Set(emails).size).toBe(45);
    const found = async (query: object) => (await api.listUsers({ client, query })).data.items.map(({ email }) => email);
    expect(await found({ search: "GRACE" })).toEqual(["admin@example.com"]);
    expect(await found({ role: "admin" })).toEqual(["admin@example.com"]);
    expect((await found({ sort: "email", limit: 3 }))).toEqual(["ada@example.com", "admin@example.com", "user3@example.com"]);
  });

  test("keeps changes, with their versions", async () => {
    const mock = new MockApi();
    const client = mock.client("user");
    const { response } = await api.getCurrentUser({ client });
    const headers = { "If-Match": response.headers.get("ETag") ?? "" };
    await api.updateCurrentUser({ client, headers, body: { name: "Countess" } });
    expect((await api.getCurrentUser({ client })).data.name).toBe("Countess");
    expect(await failure(api.updateCurrentUser({ client, headers, body: { name: null } }))).toMatchObject({ code: "precondition_failed" });
    mock.reset();
    expect((await api.getCurrentUser({ client: mock.client("user") })).data.name).toBe("Ada Lovelace");
  });

  test("registers, logs in, lists and ends sessions", async () => {
    const mock = new MockApi();
    const client = mock.client();
    const [email, password] = ["new@example.com", "correct horse battery staple"];
    await api.registerUser({ client, body: { email, password } });
    await api.loginUser({ client, body: { email, password } });
    const sessions = async () => (await api.listCurrentUserSessions({ client })).data.items;
    expect((await sessions()).map(({ current }) => current)).toEqual([true, false]);
    await api.revokeCurrentUserSession({ client, path: { id: String((await sessions())[1]?.id) } });
    expect(await sessions()).toHaveLength(1);
    expect(await failure(api.registerUser({ client, body: { email, password } }))).toMatchObject({ code: "email_taken" });
    await client.session.logout();
    expect(await failure(api.loginUser({ client, body: { email, password: "wrong" } }))).toMatchObject({ code: "invalid_credentials" });
  });

  test("checks bodies, parameters and rules as the API does", async () => {
    const mock = new MockApi();
    const body = { email: "nope", password: "short" };
    const real = fieldErrors(await failure(api.registerUser({ client: newClient(), body })));
    expect(Object.keys(fieldErrors(await failure(api.registerUser({ client: mock.client(), body }))))).toEqual(Object.keys(real));
    const client = mock.client("admin");
    expect((await problem(api.listUsers({ client, query: { limit: 0 } }))).errors).toMatchObject([{ in: "query", name: "limit", code: "too_small" }]);
    const { id } = (await api.getCurrentUser({ client })).data;
    expect(await failure(api.updateUser({ client, path: { id }, body: { role: "user" } }))).toMatchObject({ code: "last_admin" });
    expect(await failure(api.getUser({ client, path: { id: "01JD8Z5V3K4N6P7Q8R9S0T1V2X" } }))).toMatchObject({ code: "user_not_found" });
    expect(await failure(api.deleteCurrentUser({ client, body: { current_password: "wrong" } }))).toMatchObject({ code: "reauthentication_failed" });
  });

  test("ends the sessions of an account that is deactivated", async () => {
    const mock = new MockApi();
    const [user, admin] = [mock.client("user"), mock.client("admin")];
    const { id } = (await api.getCurrentUser({ client: user })).data;
    await api.updateUser({ client: admin, path: { id }, body: { is_active: false } });
    expect(await failure(api.getCurrentUser({ client: user }))).toMatchObject({ code: "invalid_token" });
    const events = (await api.listAuditEvents({ client: admin, query: { target_id: id } })).data.items; // scaffold:only audit
    expect(events[0]).toMatchObject({ type: "user_deactivated" }); // scaffold:only audit
  });

  test("fails as asked", async () => {
    const mock = new MockApi();
    const client = mock.client("user");
    mock.fail("getCurrentUser", "overloaded", { times: 1, retryAfter: 7 });
    expect(await failure(api.getCurrentUser({ client }))).toMatchObject({ code: "overloaded", status: 503, retryAfter: 7 });
    await api.getCurrentUser({ client });
    const repair = mock.fail("*", "network");
    expect(isNetworkError(await failure(api.getCurrentUser({ client })))).toBe(true);
    repair();
    await api.getCurrentUser({ client });
    expect(await failure(api.getCurrentUser({ client, headers: { Prefer: "code=429" } }))).toMatchObject({ code: "rate_limited" });
  });
});

describe("with MSW", () => {
  const mock = new MockApi();
  const server = setupServer(...mock.handlers(http));
  beforeAll(() => server.listen({ onUnhandledRequest: "bypass" }));
  afterAll(() => server.close());

  test("requests of any client are answered", async () => {
    const storage = inMemory();
    await storage.set(mock.tokens("admin"));
    const client = createPlinthClient({ baseUrl: "https://api.example.com", storage });
    expect((await api.listUsers({ client })).data.items).toHaveLength(20);
    mock.fail("listUsers", "network");
    expect(isNetworkError(await failure(api.listUsers({ client })))).toBe(true);
  });
});

/** Starts the server of `make mock` on a free port. */
async function startMock(): Promise<string> {
  const options = { cwd: join(root, "tools/mock"), env: { ...process.env, PORT: "0" } };
  const mock = spawn("node", ["server.js"], options);
  onTestFinished(() => void mock.kill());
  return new Promise((resolve, reject) => {
    mock.once("error", reject);
    mock.once("exit", (code) => reject(new Error(`the mock exited with ${code}`)));
    createInterface(mock.stdout).on("line", (line) => {
      const [url] = line.match(/(?<=listening on )http:[\d./:]+/) ?? [];
      if (url) resolve(url);
    });
  });
}

test("make mock serves it", async () => {
  const client = newClient({ baseUrl: await startMock() });
  await api.loginUser({ client, body: new MockApi().personas.admin });
  const { data } = await api.listUsers({ client });
  await api.updateUser({ client, path: { id: String(data.items[2]?.id) }, body: { name: "Kept" } });
  expect((await api.listUsers({ client })).data.items[2]?.name).toBe("Kept");
  const refused = await failure(api.getCurrentUser({ client, headers: { Prefer: "code=429" } }));
  expect(isProblem(refused, "rate_limited") && refused.retryAfter).toBeGreaterThan(0);
});
