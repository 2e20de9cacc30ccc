import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { getCurrentUser, getHealth, inLocalStorage, isProblem, loginUser, setDefaultClient, type TokenStorage } from "../src/index.js";
import { lease } from "../src/lease.js";
import { expire, failure, kept, newClient, password, proxied, recorded, Shared, signedIn } from "./support.js";

let targets: EventTarget;
let shared: Storage;

/** Dispatches the storage event, which a browser sends to all other tabs. */
const notifyTabs = (key: string | null) =>
  targets.dispatchEvent(Object.assign(new Event("storage"), { key, storageArea: shared }));

beforeEach(() => {
  shared = new Shared();
  targets = new EventTarget();
  vi.stubGlobal("localStorage", shared);
  vi.stubGlobal("navigator", {}); // an insecure context: no locks
  vi.stubGlobal("addEventListener", targets.addEventListener.bind(targets));
  vi.stubGlobal("removeEventListener", targets.removeEventListener.bind(targets));
});
afterEach(() => vi.unstubAllGlobals());

describe("tokens in localStorage", () => {
  test("survive a reload and are shared by tabs", async () => {
    const { email } = await signedIn({ storage: inLocalStorage() });
    const reloaded = newClient({ storage: inLocalStorage() });
    expect(await reloaded.session.isActive()).toBe(true);
    expect((await getCurrentUser({ client: reloaded })).data.email).toBe(email);
  });

  test("are renewed once by two tabs, without Web Locks", async () => {
    const proxy = await proxied();
    const storage = inLocalStorage();
    const { client, email } = await signedIn({ baseUrl: proxy.url, storage });
    const tab = newClient({ baseUrl: proxy.url, storage: inLocalStorage() });
    await expire(storage, false);
    const answers = await Promise.all([client, tab, client, tab].map((each) => getCurrentUser({ client: each })));
    expect(answers.map(({ data }) => data.email)).toEqual([email, email, email, email]);
    expect(proxy.refreshes()).toBe(1);
    expect(shared.getItem("plinth.tokens.lock")).toBeNull(); // the lease was released
  });

  test("are renewed once by two tabs, with Web Locks", async () => {
    const request = vi.fn(exclusive());
    vi.stubGlobal("navigator", { locks: { request } });
    const proxy = await proxied();
    const storage = inLocalStorage();
    const { client } = await signedIn({ baseUrl: proxy.url, storage });
    const tab = newClient({ baseUrl: proxy.url, storage: inLocalStorage() });
    await expire(storage, false);
    await Promise.all([client, tab].map((each) => getCurrentUser({ client: each })));
    expect(proxy.refreshes()).toBe(1);
    expect(request.mock.calls.map(([name]) => name)).toContain("plinth.tokens.lock");
  });

  test("that are deleted end the session in every tab", async () => {
    const storage = inLocalStorage();
    const { client } = await signedIn({ storage });
    const tab = newClient({ storage: inLocalStorage() });
    expect(await tab.session.isActive()).toBe(true);
    const events = recorded(tab);
    await client.session.logout().catch(() => {});
    notifyTabs("something else");
    expect(events).toEqual([]);
    notifyTabs("plinth.tokens");
    await expect.poll(() => events).toEqual([{ type: "ended", reason: "elsewhere" }]);
    await signedIn({ storage });
    notifyTabs(null);
    await expect.poll(() => events.at(-1)).toEqual({ type: "started" });
  });

  test.each([["not JSON"], ["[]"], ['{"access_token":1}'], ["7"], ["null"]])("that are invalid are ignored: %s", async (text) => {
    shared.setItem("plinth.tokens", text);
    const client = newClient({ storage: inLocalStorage() });
    expect(await client.session.isActive()).toBe(false);
    expect(isProblem(await failure(getCurrentUser({ client })), "unauthenticated")).toBe(true);
  });

  test("are stored in memory in a browser without localStorage", async () => {
    vi.stubGlobal("localStorage", undefined);
    vi.stubGlobal("window", globalThis);
    const { client, storage } = await signedIn({ storage: inLocalStorage() });
    expect(await client.session.isActive()).toBe(true);
    expect((await kept(storage)).session).not.toBe("");
  });
});

describe("on a server, where all requests would share a session", () => {
  beforeEach(() => void vi.stubGlobal("localStorage", undefined));

  test("inLocalStorage refuses to keep one", async () => {
    const client = newClient({ storage: inLocalStorage() });
    expect(await client.session.isActive()).toBe(false);
    expect(await failure(signedIn({ storage: inLocalStorage() }))).toMatchObject({ message: expect.stringMatching(/^inLocalStorage\(\) cannot keep/) });
  });

  test("the default client refuses to start one", async () => {
    setDefaultClient(newClient());
    expect((await getHealth()).data.status).toBe("ok");
    const refused = await failure(loginUser({ body: { email: "ada@example.com", password } }));
    expect(refused).toMatchObject({ message: expect.stringMatching(/^The default client cannot keep/) });
  });
});

describe("the device token", () => {
  test("survives sessions and reloads and is sent with each login", async () => {
    const bodies: { device_token?: string }[] = [];
    const reading: typeof fetch = async (input) => {
      const request = input as Request;
      if (request.url.endsWith("/auth/login")) bodies.push(await request.clone().json());
      return fetch(request);
    };
    const { client, email } = await signedIn({ storage: inLocalStorage() });
    const device = shared.getItem("plinth.tokens.device");
    expect(device).toMatch(/^dt_/);
    await client.session.logout();
    const reloaded = newClient({ storage: inLocalStorage(), fetch: reading });
    const { data } = await loginUser({ client: reloaded, body: { email, password } });
    expect(data.device_token).toBe(device);
    expect(shared.getItem("plinth.tokens.device")).toBe(device);
    expect(bodies).toEqual([{ email, password, device_token: device }]);
  });

  test("is omitted for a release that does not know it", async () => {
    let refused = 0;
    const old: typeof fetch = async (input) => {
      const request = input as Request;
      if (!(await request.clone().text()).includes("device_token")) return fetch(request);
      refused++;
      const problem = { type: "about:blank", title: "Unprocessable", status: 422, code: "validation_failed" };
      return Response.json(problem, { status: 422, headers: { "Content-Type": "application/problem+json" } });
    };
    const storage: TokenStorage = { get: () => tokens, set: (next) => void (tokens = next) };
    let tokens: Awaited<ReturnType<TokenStorage["get"]>> = null;
    const { client, email } = await signedIn({ storage, fetch: old });
    await loginUser({ client, body: { email, password } });
    expect(refused).toBe(1);
    expect(await client.session.isActive()).toBe(true);
  });
});

describe("custom storage", () => {
  test("may be asynchronous and may fail", async () => {
    let tokens: Awaited<ReturnType<TokenStorage["get"]>> = null;
    let broken = false;
    const slow: TokenStorage = {
      get: () =>
        new Promise((resolve, reject) => setTimeout(() => (broken ? reject(new Error("no disk")) : resolve(tokens)))),
      set: (next) => new Promise((resolve) => setTimeout(() => resolve(void (tokens = next)))),
    };
    const { client, email } = await signedIn({ storage: slow });
    await expire(slow, true);
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    broken = true;
    expect(await failure(getCurrentUser({ client }))).toMatchObject({ message: "no disk" });
  });
});

describe("a lease", () => {
  test("is held by one tab at a time", async () => {
    let holders = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 20));
      holders--;
    };
    await Promise.all(Array.from({ length: 5 }, () => lease(shared, "lease", 20_000, work)));
    expect(most).toBe(1);
  });

  test("expires with a dead tab and is not waited for indefinitely", async () => {
    shared.setItem("lease", `dead ${Date.now() - 1}`);
    expect(await lease(shared, "lease", 20_000, async () => "got it")).toBe("got it");
    shared.setItem("lease", `frozen ${Date.now() + 60_000}`);
    expect(await lease(shared, "lease", 100, async () => "went on")).toBe("went on");
    expect(shared.getItem("lease")).toMatch(/^frozen/);
  });

  test("is released when the work fails", async () => {
    await failure(lease(shared, "lease", 20_000, () => Promise.reject(new Error("no luck"))));
    expect(shared.getItem("lease")).toBeNull();
  });
});

/** A minimal LockManager.request. */
function exclusive() {
  let last: Promise<unknown> = Promise.resolve();
  return (_name: string, _options: object, work: () => Promise<unknown>) => (last = last.then(work, work));
}
