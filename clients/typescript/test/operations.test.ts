import { describe, expect, test } from "vitest";
import * as api from "../src/gen/sdk.gen.js";
import { isProblem, type User } from "../src/index.js";
import { failure, kept, newClient, newEmail, password, signedIn, signedInAsAdmin } from "./support.js";

const unknownId = "01JD8Z5V3K4N6P7Q8R9S0T1V2W";

describe("health and keys", () => {
  test("need no session", async () => {
    const client = newClient();
    expect((await api.getHealth({ client })).data).toMatchObject({ status: "ok" });
    expect((await api.getReadiness({ client })).data).toEqual({ status: "ready" });
    expect((await api.getJsonWebKeySet({ client })).data).toEqual({ keys: [] });
  });
});

describe("authentication", () => {
  test("register, log in, renew, log out", async () => {
    const client = newClient();
    const email = newEmail();
    const registered = await api.registerUser({ client, body: { email, password, name: "Ada" } });
    expect(registered.response.status).toBe(201);
    expect(registered.data.token_type).toBe("bearer");

    const { data: tokens } = await api.loginUser({ client, body: { email, password } });
    const { data: next } = await api.refreshTokens({
      client: newClient(),
      body: { refresh_token: tokens.refresh_token! },
    });
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    const out = await api.logoutUser({ client: newClient(), body: { refresh_token: next.refresh_token! } });
    expect(out.response.status).toBe(204);
  });

  test("rejects a taken e-mail, a wrong password and a revoked token", async () => {
    const { client, email, storage } = await signedIn();
    const taken = await failure(api.registerUser({ client: newClient(), body: { email, password } }));
    expect(isProblem(taken, "email_taken") && taken.status).toBe(409);
    const wrong = await failure(api.loginUser({ client: newClient(), body: { email, password: "wrong" } }));
    expect(isProblem(wrong, "invalid_credentials") && wrong.status).toBe(401);
    const { refresh_token } = await kept(storage);
    await client.session.logout();
    const ended = await failure(api.refreshTokens({ client: newClient(), body: { refresh_token: refresh_token! } }));
    expect(isProblem(ended, "invalid_refresh_token") && ended.status).toBe(401);
  });

  test("logoutAllSessions ends the client's session", async () => {
    const { client, email, events } = await signedIn();
    const other = newClient();
    await api.loginUser({ client: other, body: { email, password } });
    await api.logoutAllSessions({ client });
    expect(events).toEqual([{ type: "ended", reason: "logout" }]);
    expect(isProblem(await failure(api.getCurrentUser({ client: other })), "invalid_token")).toBe(true);
  });
});

describe("current user", () => {
  test("is updated by merge patch: absent keeps, null clears, a value sets", async () => {
    const { client } = await signedIn();
    const change = async (body: { name?: string | null; email?: string; current_password?: string }) =>
      (await api.updateCurrentUser({ client, body })).data;
    expect((await change({ name: "Ada" })).name).toBe("Ada");
    const email = newEmail();
    expect(await change({ email, current_password: password })).toMatchObject({ pending_email: email, name: "Ada" });
    expect((await change({ email: newEmail(), current_password: password, name: undefined as never })).name).toBe(
      "Ada",
    );
    expect((await change({ name: null })).name).toBeNull();
  });

  test("is updated only if If-Match matches", async () => {
    const { client } = await signedIn();
    const read = await api.getCurrentUser({ client });
    const version = { "If-Match": read.response.headers.get("ETag") ?? "" };
    const changed = await api.updateCurrentUser({ client, headers: version, body: { name: "Ada" } });
    expect(changed.response.headers.get("ETag")).not.toBe(version["If-Match"]);
    const late = await failure(api.updateCurrentUser({ client, headers: version, body: { name: "Grace" } }));
    expect(isProblem(late, "precondition_failed") && late.status).toBe(412);
  });

  test("changes the password with the current one", async () => {
    const { client, email } = await signedIn();
    const better = "a longer horse battery staple";
    const change = { password: better, current_password: "not it" };
    const refused = await failure(api.updateCurrentUser({ client, body: change }));
    expect(isProblem(refused, "reauthentication_failed") && refused.status).toBe(403);
    await api.updateCurrentUser({ client, body: { ...change, current_password: password } });
    await api.loginUser({ client: newClient(), body: { email, password: better } });
    expect((await api.getCurrentUser({ client })).data.email).toBe(email); // this session stays valid
  });

  test("lists and revokes sessions", async () => {
    const { client, email } = await signedIn();
    const other = newClient();
    await api.loginUser({ client: other, body: { email, password } });
    const { data: sessions } = await api.listCurrentUserSessions({ client });
    expect(sessions.items.map(({ current }) => current).sort()).toEqual([false, true]);
    const id = sessions.items.find(({ current }) => !current)?.id ?? "";
    await api.revokeCurrentUserSession({ client, path: { id } });
    expect(isProblem(await failure(api.getCurrentUser({ client: other })), "invalid_token")).toBe(true);
    const again = await failure(api.revokeCurrentUserSession({ client, path: { id } }));
    expect(isProblem(again, "session_not_found") && again.status).toBe(404);
  });

  test("deletion ends the client's session", async () => {
    const { client, email, events } = await signedIn();
    await api.deleteCurrentUser({ client, body: { current_password: password } });
    expect(events).toEqual([{ type: "ended", reason: "logout" }]);
    await api.registerUser({ client: newClient(), body: { email, password } }); // the e-mail is available again
  });
});

describe("administrators", () => {
  test("read and update any account", async () => {
    const client = await signedInAsAdmin();
    const { email } = await signedIn();
    const { data: found } = await api.listUsers({ client, query: { search: email, is_active: true, role: "user" } });
    expect(found.items.map((user) => user.email)).toEqual([email]);
    const path = { id: (found.items[0] as User).id };
    const read = await api.getUser({ client, path });
    const version = { "If-Match": read.response.headers.get("ETag") ?? "" };
    const { data: changed } = await api.updateUser({ client, path, headers: version, body: { role: "admin" } });
    expect(changed).toMatchObject({ email, role: "admin", is_active: true });
    const late = await failure(api.updateUser({ client, path, headers: version, body: { is_active: false } }));
    expect(isProblem(late, "precondition_failed")).toBe(true);
    const missing = await failure(api.getUser({ client, path: { id: unknownId } }));
    expect(isProblem(missing, "user_not_found") && missing.status).toBe(404);
  });

  test("list accounts page by page", async () => {
    const client = await signedInAsAdmin();
    await signedIn();
    const first = (await api.listUsers({ client, query: { limit: 1 } })).data;
    const second = (await api.listUsers({ client, query: { limit: 1, cursor: first.next_cursor ?? "" } })).data;
    expect(first.items[0]?.id).not.toBe(second.items[0]?.id);
  });

  test("revoke an account's sessions and clear its throttle", async () => {
    const client = await signedInAsAdmin();
    const { client: user } = await signedIn();
    const { data } = await api.getCurrentUser({ client: user });
    const path = { id: data.id };
    expect((await api.clearUserThrottle({ client, path })).response.status).toBe(204);
    expect((await api.revokeUserSessions({ client, path })).response.status).toBe(204);
    expect(isProblem(await failure(api.getCurrentUser({ client: user })), "invalid_token")).toBe(true);
  });

    // scaffold:begin audit
  test("read the audit log", async () => {
    const client = await signedInAsAdmin();
    const { client: user } = await signedIn();
    const { data } = await api.getCurrentUser({ client: user });
    const { data: events } = await api.listAuditEvents({ client, query: { target_id: data.id, type: "user_created" } });
    expect(events.items).toMatchObject([{ type: "user_created", target_id: data.id }]);
  });
  // scaffold:end audit

  test("have operations that users may not call", async () => {
    const { client } = await signedIn();
    const refused = await failure(api.listUsers({ client }));
    expect(isProblem(refused, "forbidden") && refused.status).toBe(403);
  });
});
