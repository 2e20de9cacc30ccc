import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { startAPI } from "../../../tools/testapi/testapi.mjs";
import { createPlinthClient, getCurrentUser, inCookie, isProblem, loginUser, logoutAllSessions, registerUser } from "../src/index.js";
import { acceptInvitation, createInvitation } from "../src/index.js"; // scaffold:only invitations
import { failure, newEmail, password, recorded, Shared } from "./support.js";
import { tokenTo } from "./support.js"; // scaffold:only invitations
import { admin } from "./setup.js"; // scaffold:only invitations

// A browser without TLS: its storage and its cookies, which all tabs share.
let shared: Shared;
let cookies: Map<string, string>;
let sent: Request[];
let api: Awaited<ReturnType<typeof startAPI>>;

/** Sends a request as a browser does for a page of the API's own origin. */
async function browse(request: Request): Promise<Response> {
  sent.push(request);
  const path = new URL(request.url).pathname;
  const headers = new Headers(request.headers);
  headers.set("Origin", api.url);
  if (request.credentials === "include" && path.startsWith("/api/v1/auth")) {
    headers.set("Cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
  }
  const body = request.body ? await request.clone().text() : undefined;
  const response = await fetch(request.url, { method: request.method, headers, body });
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/Max-Age=0/.test(line)) cookies.delete(name!);
    else cookies.set(name!, value!);
  }
  return response;
}

const newTab = () => createPlinthClient({ baseUrl: api.url, storage: inCookie(), fetch: (request) => browse(request as Request) });

async function signedIn() {
  const client = newTab();
  const email = newEmail();
  await registerUser({ client, body: { email, password } });
  return { client, email };
}

const paths = () => sent.map(({ url }) => new URL(url).pathname);
const refreshes = () => paths().filter((path) => path.endsWith("/auth/refresh")).length;

beforeAll(async () => {
  api = await startAPI({ RATE_LIMIT_ENABLED: "false", TOKEN_COOKIES_ENABLED: "true" });
}, 300_000);
beforeEach(() => {
  [shared, cookies, sent] = [new Shared(), new Map(), []];
  const targets = new EventTarget();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("localStorage", shared);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("addEventListener", targets.addEventListener.bind(targets));
  vi.stubGlobal("removeEventListener", targets.removeEventListener.bind(targets));
  onTestFinished(() => void vi.unstubAllGlobals());
});

afterAll(() => api?.stop());

describe("a session in cookies", () => {
  test("hides its refresh token from scripts", async () => {
    const { client, email } = await signedIn();
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    expect([...cookies.keys()].sort()).toEqual(["plinth_device_token", "plinth_refresh_token"]);
    const stored = [...Array(shared.length).keys()].map((i) => shared.getItem(shared.key(i)!)).join(" ");
    expect(stored).not.toMatch(/rt_|dt_|eyJ/);
    expect(JSON.stringify(await inCookie().get())).not.toMatch(/rt_|dt_|eyJ/);
  });

  // scaffold:begin invitations
  test("starts when an invitation is accepted", async () => {
    api.createAdmin(admin.email, admin.password);
    const administrator = createPlinthClient({ baseUrl: api.url });
    await loginUser({ client: administrator, body: admin });
    const email = newEmail();
    await createInvitation({ client: administrator, body: { email, role: "user" } });
    const client = newTab();
    await acceptInvitation({ client, body: { token: await tokenTo(email, "accept-invitation", api.url), password } });
    expect([...cookies.keys()].sort()).toEqual(["plinth_device_token", "plinth_refresh_token"]);
    expect((await getCurrentUser({ client: newTab() })).data.email).toBe(email);
    expect(refreshes()).toBe(1); // the other tab has only the cookie
  });
  // scaffold:end invitations

  test("is renewed on load, and once for concurrent calls", async () => {
    const { email } = await signedIn();
    const reloaded = newTab();
    expect(await reloaded.session.isActive()).toBe(true);
    const answers = await Promise.all([1, 2, 3].map(() => getCurrentUser({ client: reloaded })));
    expect(answers.map(({ data }) => data.email)).toEqual([email, email, email]);
    expect(refreshes()).toBe(1);
  });

  test("is shared by tabs that load at once", async () => {
    const { email } = await signedIn();
    const tabs = Array.from({ length: 5 }, newTab);
    const answers = await Promise.all(tabs.map((client) => getCurrentUser({ client })));
    expect(new Set(answers.map(({ data }) => data.email))).toEqual(new Set([email]));
    await getCurrentUser({ client: newTab() }); // the cookie is the latest
  });

  test("sends no request without a session", async () => {
    const client = newTab();
    expect(await client.session.isActive()).toBe(false);
    expect(isProblem(await failure(getCurrentUser({ client })), "unauthenticated")).toBe(true);
    expect(refreshes()).toBe(0);
  });

  test("sends cookies and the header only with operations on sessions", async () => {
    const { client } = await signedIn();
    await getCurrentUser({ client });
    await client.session.logout();
    expect(sent.map(({ credentials, headers }) => [credentials, headers.get("X-Token-Transport")])).toEqual([
      ["include", "cookie"],
      ["same-origin", null],
      ["include", "cookie"],
    ]);
  });

  test("ends in every tab", async () => {
    const { client, email } = await signedIn();
    const tab = newTab();
    await getCurrentUser({ client: tab });
    const events = recorded(tab);
    await client.session.logout();
    expect(cookies.has("plinth_refresh_token")).toBe(false);
    expect(await tab.session.isActive()).toBe(false);
    expect(events).toEqual([{ type: "ended", reason: "elsewhere" }]);

    await loginUser({ client, body: { email, password } });
    await logoutAllSessions({ client });
    expect(cookies.has("plinth_refresh_token")).toBe(false);
    expect(await client.session.isActive()).toBe(false);
  });

  test("that the API refuses to renew has ended", async () => {
    const { client } = await signedIn();
    cookies.set("plinth_refresh_token", "stale");
    const reloaded = newTab();
    const events = recorded(reloaded);
    expect(isProblem(await failure(getCurrentUser({ client: reloaded })), "invalid_token")).toBe(true);
    expect(events).toEqual([{ type: "ended", reason: "refused" }]);
    expect(await client.session.isActive()).toBe(false);
  });

  test("of another user replaces that of all tabs", async () => {
    const { client } = await signedIn();
    const other = await signedIn();
    expect((await getCurrentUser({ client })).data.email).toBe(other.email);
  });

  test("works while localStorage is disabled", async () => {
    const { email } = await signedIn();
    vi.stubGlobal("localStorage", undefined);
    expect((await getCurrentUser({ client: newTab() })).data.email).toBe(email);
    cookies.clear();
    const client = newTab();
    await failure(getCurrentUser({ client }));
    expect(await client.session.isActive()).toBe(false);
  });
});

test("a server refuses to share a session in cookies", async () => {
  vi.unstubAllGlobals();
  const client = createPlinthClient({ baseUrl: inject("api").url, storage: inCookie() });
  expect(await client.session.isActive()).toBe(false);
  const error = await failure(registerUser({ client, body: { email: newEmail(), password } }));
  expect(String(error)).toContain("inCookie() cannot keep a session on a server");
});
