import { describe, expect, inject, test } from "vitest";
import {
  getCurrentUser,
  getHealth,
  inMemory,
  isNetworkError,
  isProblem,
  loginUser,
  registerUser,
  updateCurrentUser,
} from "../src/index.js";
import { expire, failure, kept, newClient, newEmail, password, proxied, recorded, signedIn } from "./support.js";

const times = (n: number) => Array.from({ length: n });

describe("a session", () => {
  test("starts on registration and login, and sends its token", async () => {
    const client = newClient();
    const events = recorded(client);
    const email = newEmail();
    expect(await client.session.isActive()).toBe(false);
    await registerUser({ client, body: { email, password } });
    expect(await client.session.isActive()).toBe(true);
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    await loginUser({ client, body: { email: email.toUpperCase(), password } });
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    expect(events.map(({ type }) => type)).toEqual(["started", "ended", "started"]);
  });

  test("continues after a failed login", async () => {
    const { client, email } = await signedIn();
    const error = await failure(loginUser({ client, body: { email, password: "something else" } }));
    expect(isProblem(error, "invalid_credentials")).toBe(true);
    expect((await getCurrentUser({ client })).data.email).toBe(email);
  });

  test("sends no token with public operations", async () => {
    const sent: (string | null)[] = [];
    const { client } = await signedIn({
      fetch: async (input) => {
        sent.push((input as Request).headers.get("Authorization"));
        return fetch(input);
      },
    });
    await getHealth({ client });
    await getCurrentUser({ client });
    expect(sent).toEqual([null, null, expect.stringMatching(/^Bearer .+/)]);
  });

  test("is required by operations that need a token", async () => {
    const error = await failure(getCurrentUser({ client: newClient() }));
    expect(isProblem(error, "unauthenticated") && error.status).toBe(401);
  });
});

describe("an expired token", () => {
  test.each([
    ["known to the client", true],
    ["known only to the API", false],
  ])("%s is renewed once for 50 concurrent calls", async (_, known) => {
    const proxy = await proxied();
    const { client, storage, email } = await signedIn({ baseUrl: proxy.url });
    const old = await expire(storage, known);
    const answers = await Promise.all(times(50).map(() => getCurrentUser({ client })));
    expect(answers.map(({ data }) => data.email)).toEqual(times(50).map(() => email));
    expect(proxy.refreshes()).toBe(1);
    const now = await kept(storage);
    expect(now.access_token).not.toBe(old.access_token);
    expect(now.session).toBe(old.session);
  });

  test("is not sent if the client knows that it has expired", async () => {
    const proxy = await proxied();
    const { client, storage } = await signedIn({ baseUrl: proxy.url });
    await expire(storage, true);
    proxy.seen.length = 0;
    await getCurrentUser({ client });
    expect(proxy.seen).toEqual(["POST /api/v1/auth/refresh", "GET /api/v1/users/me"]);
  });

  test("is renewed for a call with a body, which is resent", async () => {
    const { client, storage } = await signedIn();
    await expire(storage, false);
    const { data } = await updateCurrentUser({ client, body: { name: "Ada" } });
    expect(data.name).toBe("Ada");
  });

  test("of a late call is not renewed again", async () => {
    const proxy = await proxied();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let slow = true;
    const { client, storage } = await signedIn({
      baseUrl: proxy.url,
      fetch: async (input) => {
        const response = await fetch(input);
        if (slow && response.status === 401) {
          slow = false;
          await held; // until another call has renewed
        }
        return response;
      },
    });
    await expire(storage, false);
    const late = getCurrentUser({ client });
    await expect.poll(() => slow).toBe(false);
    await getCurrentUser({ client });
    release();
    await late;
    expect(proxy.refreshes()).toBe(1);
  });

  test.each([
    ["before the call", true],
    ["after the API rejected it", false],
  ])("is renewed even if the first caller aborts, %s", async (_, known) => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let renewing = false;
    const { client, storage } = await signedIn({
      fetch: async (input) => {
        renewing = (input as Request).url.endsWith("/refresh");
        if (renewing) await held;
        return fetch(input);
      },
    });
    await expire(storage, known);
    const leaving = new AbortController();
    const left = failure(getCurrentUser({ client, signal: leaving.signal }));
    const stayed = getCurrentUser({ client });
    await expect.poll(() => renewing).toBe(true);
    leaving.abort(new Error("gone"));
    expect(await left).toMatchObject({ message: "gone" }); // during the renewal
    release();
    expect((await stayed).response.status).toBe(200);
  });

  test("is renewed only once per call", async () => {
    const proxy = await proxied();
    const { client } = await signedIn({
      baseUrl: proxy.url,
      fetch: async (input) => {
        const request = input as Request;
        if (request.headers.has("Authorization")) request.headers.set("Authorization", "Bearer broken");
        return fetch(request);
      },
    });
    const error = await failure(getCurrentUser({ client }));
    expect(isProblem(error, "invalid_token")).toBe(true);
    expect(proxy.seen.filter((line) => line === "GET /api/v1/users/me")).toHaveLength(2);
    expect(proxy.refreshes()).toBe(1);
  });
});

describe("a renewal", () => {
  test("whose response is lost is retried within the grace period", async () => {
    let losses = 2;
    const proxy = await proxied((request) =>
      request.url?.endsWith("/refresh") && losses-- > 0 ? "lose the response" : undefined,
    );
    const { client, storage, email, events } = await signedIn({ baseUrl: proxy.url });
    await expire(storage, true);
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    expect(proxy.refreshes()).toBe(3);
    expect(events).toEqual([]);
    await expire(storage, true); // the stored successor is the newest
    expect((await getCurrentUser({ client })).data.email).toBe(email);
  });

  test("that never succeeds fails the call and keeps the session", async () => {
    let down = true;
    const proxy = await proxied((request) =>
      down && request.url?.endsWith("/refresh") ? "refuse the connection" : undefined,
    );
    const { client, storage, email, events } = await signedIn({ baseUrl: proxy.url });
    await expire(storage, true);
    expect(isNetworkError(await failure(getCurrentUser({ client })))).toBe(true);
    expect(await client.session.isActive()).toBe(true);
    down = false;
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    expect(events).toEqual([]);
  });

  test("that fails early does not fail the call while the token is valid", async () => {
    const proxy = await proxied((request) => (request.url?.endsWith("/refresh") ? "refuse the connection" : undefined));
    const { client, storage, email } = await signedIn({ baseUrl: proxy.url });
    await storage.set({ ...(await kept(storage)), expires_at: Date.now() + 8_000 });
    expect((await getCurrentUser({ client })).data.email).toBe(email);
    expect(proxy.refreshes()).toBe(3);
  });

  test("that is rejected ends the session once, and calls reject with the API's problem", async () => {
    const { client, storage, events } = await signedIn();
    const old = await expire(storage, false);
    await storage.set({ ...old, refresh_token: `${old.refresh_token!.slice(0, -1)}!` });
    const errors = await Promise.all(times(5).map(() => failure(getCurrentUser({ client }))));
    expect(errors.every((error) => isProblem(error, "invalid_token"))).toBe(true);
    expect(events).toEqual([{ type: "ended", reason: "refused" }]);
    expect(await client.session.isActive()).toBe(false);
  });

  test("does not restore a session that ended in the meantime", async () => {
    const storage = inMemory();
    const { client } = await signedIn({
      storage,
      fetch: async (input) => {
        const response = await fetch(input);
        if (response.url.endsWith("/refresh")) await storage.set(null); // as another tab would
        return response;
      },
    });
    const events = recorded(client);
    await expire(storage, true);
    expect(isProblem(await failure(getCurrentUser({ client })), "invalid_token")).toBe(true);
    expect(await storage.get()).toBeNull();
    expect(events).toEqual([{ type: "ended", reason: "elsewhere" }]);
  });

  test("uses the tokens that another tab has stored in the meantime", async () => {
    const storage = inMemory();
    const { client } = await signedIn({
      storage,
      fetch: async (input) => {
        const response = await fetch(input);
        if (response.ok && response.url.endsWith("/refresh")) {
          const old = await kept(storage);
          const { access_token, refresh_token } = await response.clone().json();
          await storage.set({ ...old, access_token, refresh_token, expires_at: Date.now() + 900_000 });
        }
        return response;
      },
    });
    const events = recorded(client);
    await expire(storage, false);
    const { data } = await getCurrentUser({ client });
    expect(data?.email).toBeDefined();
    expect(events).toEqual([]);
  });

  test("never retries a call with the session of another user", async () => {
    const storage = inMemory();
    const bob = await signedIn();
    const { client } = await signedIn({
      storage,
      fetch: async (input) => {
        const response = await fetch(input);
        if (response.status === 401) await storage.set(await kept(bob.storage));
        return response;
      },
    });
    await expire(storage, false);
    const error = await failure(updateCurrentUser({ client, body: { name: "Meant for Ada" } }));
    expect(isProblem(error, "invalid_token")).toBe(true);
    expect((await getCurrentUser({ client: bob.client })).data.name).toBeNull();
  });
});

describe("signing out", () => {
  test("ends the session here and at the API", async () => {
    const { client, storage, events } = await signedIn();
    const { access_token } = await kept(storage);
    await client.session.logout();
    expect(events).toEqual([{ type: "ended", reason: "logout" }]);
    const response = await fetch(`${inject("api").url}/api/v1/users/me`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });
    expect(response.status).toBe(401);
    await client.session.logout(); // idempotent
    expect(events).toHaveLength(1);
  });

  test("deletes the tokens even if the API cannot be reached", async () => {
    const proxy = await proxied((request) => (request.url?.endsWith("/logout") ? "refuse the connection" : undefined));
    const { client } = await signedIn({ baseUrl: proxy.url });
    expect(isNetworkError(await failure(client.session.logout()))).toBe(true);
    expect(await client.session.isActive()).toBe(false);
  });
});
