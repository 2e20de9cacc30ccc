import { expect, test } from "vitest";
import * as api from "../src/gen/sdk.gen.js";
import { isProblem, type PlinthClient } from "../src/index.js";
import { failure, newClient, newEmail, password, signedIn, tokenTo } from "./support.js";
import { recorded, signedInAsAdmin } from "./support.js"; // scaffold:only invitations

const better = "a longer horse battery staple";

const me = async (client: PlinthClient) => (await api.getCurrentUser({ client })).data;

test("an e-mail is verified, and a forgotten password reset", async () => {
  const { client, email } = await signedIn();
  expect((await me(client)).email_verified_at).toBeNull();
  const link = { token: await tokenTo(email, "verify") };
  await api.confirmVerification({ client: newClient(), body: link });
  expect((await me(client)).email_verified_at).not.toBeNull();
  const used = await failure(api.confirmVerification({ client: newClient(), body: link }));
  expect(isProblem(used, "invalid_one_time_token") && used.status).toBe(401);

  const visitor = newClient();
  expect((await api.requestPasswordReset({ client: visitor, body: { email } })).response.status).toBe(202);
  const soon = await failure(api.requestPasswordReset({ client: visitor, body: { email } }));
  expect(isProblem(soon, "rate_limited") && soon.retryAfter).toBeGreaterThan(0);
  const token = await tokenTo(email, "reset-password");
  const weak = await failure(api.confirmPasswordReset({ client: visitor, body: { token, password: "aaaaaaaaaaaaaaaa" } }));
  expect(isProblem(weak, "validation_failed")).toBe(true);
  await api.confirmPasswordReset({ client: visitor, body: { token, password: better } });
  expect(isProblem(await failure(me(client)), "invalid_token")).toBe(true); // all sessions have ended
  await api.loginUser({ client: visitor, body: { email, password: better } });
  expect((await me(visitor)).email).toBe(email);
});

test("a new e-mail is confirmed, and the old one undoes the change", async () => {
  const { client, email } = await signedIn();
  await api.confirmVerification({ client, body: { token: await tokenTo(email, "verify") } });
  const next = newEmail();
  await api.updateCurrentUser({ client, body: { email: next, current_password: password } });
  expect(await me(client)).toMatchObject({ email, pending_email: next });
  await api.confirmEmailChange({ client, body: { token: await tokenTo(next, "confirm-email") } });
  expect(await me(client)).toMatchObject({ email: next, pending_email: null });

  const visitor = newClient();
  await api.undoEmailChange({ client: visitor, body: { token: await tokenTo(email, "undo-email-change") } });
  const old = await failure(api.loginUser({ client: visitor, body: { email, password } }));
  expect(isProblem(old, "invalid_credentials")).toBe(true); // a stranger may have known the password
  await api.confirmPasswordReset({ client: visitor, body: { token: await tokenTo(email, "reset-password"), password: better } });
  await api.loginUser({ client: visitor, body: { email, password: better } });
  expect((await me(visitor)).email).toBe(email);
});

// scaffold:begin invitations
test("accepting an invitation starts a session", async () => {
  const admin = await signedInAsAdmin();
  const email = newEmail();
  const { data: invitation } = await api.createInvitation({ client: admin, body: { email, role: "admin", name: "Grace" } });
  const again = await failure(api.createInvitation({ client: admin, body: { email, role: "user" } }));
  expect(isProblem(again, "already_invited") && again.status).toBe(409);
  const { data: open } = await api.listInvitations({ client: admin });
  expect(open.items.map(({ id }) => id)).toContain(invitation.id);

  const client = newClient();
  const events = recorded(client);
  await api.acceptInvitation({ client, body: { token: await tokenTo(email, "accept-invitation"), password } });
  expect(events).toEqual([{ type: "started" }]);
  expect(await me(client)).toMatchObject({ id: invitation.id, email, name: "Grace", role: "admin" });
});

test("an invitation that is withdrawn cannot be accepted", async () => {
  const admin = await signedInAsAdmin();
  const email = newEmail();
  const { data: invitation } = await api.createInvitation({ client: admin, body: { email, role: "user" } });
  const token = await tokenTo(email, "accept-invitation");
  const path = { id: invitation.id };
  await api.deleteInvitation({ client: admin, path });
  const gone = await failure(api.deleteInvitation({ client: admin, path }));
  expect(isProblem(gone, "invitation_not_found") && gone.status).toBe(404);
  const client = newClient();
  expect(isProblem(await failure(api.acceptInvitation({ client, body: { token, password } })), "invalid_one_time_token")).toBe(true);
  expect(await client.session.isActive()).toBe(false);
});
// scaffold:end invitations
