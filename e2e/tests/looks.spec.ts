import type { Page } from "@playwright/test";
import { existsSync } from "node:fs";
import { people, useFixtures } from "../support/fixtures.js";
import { expect, fillSignIn, screenshotPath, settled, test, violations } from "../support/test.js";

// Every page and state of the app, in light and dark, at 1280 and 390 pixels: saved in screenshots/,
// without accessibility violations and without sideways scrolling. Those in `compared` are compared
// with the images in baselines/, light at 1280 and dark at 390 pixels, if there are any: `make e2e
// ARGS="--update-snapshots looks.spec"` makes them anew.

const compared = [
  "sign-in", "register-errors", "dashboard-admin", "dashboard-user", "menu", "forbidden", "not-found",
  "settings-profile", "settings-password", "settings-sessions", "settings-appearance", "settings-deletion-dialog",
  "users", "users-menu", "users-empty", "user", "user-confirm",
  "audit", "audit-filtered", "audit-empty", // scaffold:only audit
];

test.use({ trace: "off" }); // which doubles the time

interface Look {
  path: string;
  /** The number of the user in `people`; without it a visitor. */
  as?: number;
  me?: object;
  replace?: Parameters<typeof useFixtures>[1]["replace"];
  language?: "de";
  /** What is done before the pictures. */
  act?: (page: Page) => Promise<unknown>;
  /** What the page shows when it is ready; its first heading by default. */
  ready?: string;
}

const grace = 1;
const ada = 2;
const longName = 3;
const person = (n: number) => people[n - 1]?.id;

const looks: Record<string, Look> = {
  "sign-in": { path: "/" },
  "register": { path: "/register" },
  "register-errors": {
    path: "/register",
    act: async (page) => {
      await page.getByRole("textbox", { name: "E-mail" }).fill("nope");
      await page.getByRole("textbox", { name: "Password" }).fill("short");
      await page.getByRole("button", { name: "Register" }).click();
    },
    ready: "Enter an e-mail address",
  },
  "sign-in-error": { path: "/", act: (page) => fillSignIn(page, "ada@example.com", "wrong"), ready: "is incorrect" },
  "sign-in-german": { path: "/", language: "de", ready: "Willkommen" },
  "register-german": { path: "/register", language: "de", ready: "optional" },
  "forgot-password": { path: "/forgot-password" },
  "forgot-password-sent": {
    path: "/forgot-password",
    act: async (page) => {
      await page.getByRole("textbox", { name: "E-mail" }).fill(people[2]?.email ?? "");
      await page.getByRole("button", { name: "Send a link" }).click();
    },
    ready: "Check your inbox",
  },
  "verify": { path: "/verify#token=ot_1" },
  "verify-invalid": {
    path: "/verify#token=ot_1",
    act: (page) => page.getByRole("button", { name: "Verify e-mail" }).click(),
    ready: "This link does not work",
  },
  "verify-again": { path: "/verify", as: ada, me: { email_verified_at: null }, ready: "Send the mail again" },
  "verify-again-soon": {
    path: "/verify",
    as: ada,
    me: { email_verified_at: null },
    act: (page) => page.getByRole("button", { name: "Send the mail again" }).click(),
    ready: "Try again in 43 seconds.",
  },
  "verify-already": { path: "/verify", as: ada, ready: "is verified" },
  "reset-password": { path: "/reset-password#token=ot_1" },
  "confirm-email": { path: "/confirm-email#token=ot_1" },
  "undo-email-change": { path: "/undo-email-change#token=ot_1" },
  "undo-email-change-done": {
    path: "/undo-email-change#token=ot_1",
    act: (page) => page.getByRole("button", { name: "Undo the change" }).click(),
    ready: "Change undone",
  },
  "undo-email-change-german": {
    path: "/undo-email-change#token=ot_1",
    act: (page) => page.getByRole("combobox").selectOption("de"),
    ready: "Rückgängig machen",
  },
  // scaffold:begin invitations
  "accept-invitation": { path: "/accept-invitation#token=ot_1" },
  "accept-invitation-signed-in": { path: "/accept-invitation#token=ot_1", as: ada },
  // scaffold:end invitations
  "dashboard-unverified": { path: "/", as: ada, me: { email_verified_at: null }, ready: "Send the mail again" },
  "dashboard-unverified-long": {
    path: "/",
    as: longName,
    me: { email_verified_at: null },
    act: (page) => page.getByRole("button", { name: "Send the mail again" }).click(),
    ready: "Try again in 43 seconds.",
  },
  "dashboard-admin": { path: "/", as: grace },
  "dashboard-user": { path: "/", as: ada },
  "dashboard-long-name": { path: "/", as: longName },
  "dashboard-german": { path: "/", as: grace, language: "de" },
  "dashboard-error": { path: "/", as: grace, replace: { "/users?": "error", "/audit-events": "error" }, ready: "Try again" },
  "dashboard-offline": {
    path: "/",
    as: ada,
    act: async (page) => {
      await page.getByText("Manage sessions").waitFor();
      await page.context().setOffline(true);
    },
    ready: "You are offline",
  },
  "unreachable": { path: "/", as: ada, replace: { "/": "down" }, ready: "The service cannot be reached." },
  "menu": { path: "/", as: grace, act: (page) => page.getByRole("button", { name: /^(Menu|Grace Hopper)/ }).click() },
  "user-menu": {
    path: "/",
    as: grace,
    act: (page) => page.getByRole("button", { name: /^(Account|Grace Hopper)/ }).click(),
    ready: "Sign out",
  },
  "dashboard-slow": { path: "/", as: ada, replace: { "users/me": "never" }, ready: "" },
  "settings-profile": { path: "/settings/profile", as: ada },
  "settings-profile-long-name": { path: "/settings/profile", as: longName },
  "settings-email": { path: "/settings/email", as: ada },
  "settings-email-pending": {
    path: "/settings/email",
    as: ada,
    me: { email_verified_at: null, pending_email: people[2]?.email },
    ready: "Cancel the change",
  },
  "settings-email-cancel": {
    path: "/settings/email",
    as: ada,
    me: { pending_email: "ada.king@example.com" },
    act: (page) => page.getByRole("button", { name: "Cancel the change" }).click(),
    ready: "Current password",
  },
  "settings-password": { path: "/settings/password", as: ada },
  "settings-sessions": { path: "/settings/sessions", as: ada, ready: "Edge · Windows" },
  "settings-appearance": { path: "/settings/appearance", as: ada },
  "settings-profile-saved": {
    path: "/settings/profile",
    as: ada,
    act: (page) => page.getByRole("button", { name: "Save" }).click(),
    ready: "Profile saved.",
  },
  "settings-email-german": { path: "/settings/email", as: ada, language: "de" },
  "settings-sessions-german": { path: "/settings/sessions", as: ada, language: "de", ready: "Edge · Windows" },
  "settings-sessions-error": { path: "/settings/sessions", as: ada, replace: { "me/sessions": "error" }, ready: "Try again" },
  "settings-session-kept": {
    path: "/settings/sessions",
    as: ada,
    replace: { "me/sessions/": "error" },
    act: (page) => page.getByRole("button", { name: "End session: Chrome · Android" }).click(),
    ready: "An error occurred on our side.",
  },
  "settings-confirm": {
    path: "/settings/sessions",
    as: ada,
    act: (page) => page.getByRole("button", { name: "End all sessions" }).click(),
    ready: "You will be signed out",
  },
  "sign-in-again": { path: "/settings/sessions", as: ada, replace: { "me/sessions": "ended" }, ready: "Sign in again" },
  "settings-deletion": { path: "/settings/deletion", as: ada },
  "settings-deletion-dialog": {
    path: "/settings/deletion",
    as: ada,
    act: (page) => page.getByRole("button", { name: "Delete my account" }).click(),
    ready: "This cannot be undone.",
  },
  "users": { path: "/users", as: grace, ready: "Ada Lovelace" },
  "users-filtered": { path: "/users?search=a&role=user&active=true&sort=email", as: grace, ready: "Ada Lovelace" },
  "users-menu": {
    path: "/users",
    as: grace,
    act: (page) => page.getByRole("button", { name: "Actions for ada@example.com" }).click(),
    ready: "Deactivate",
  },
  "users-empty": { path: "/users?search=zzz", as: grace, replace: { "/users?": "empty" }, ready: "No matches" },
  "users-loading": { path: "/users?search=a", as: grace, replace: { "/users?": "never" } },
  "users-error": { path: "/users?search=a", as: grace, replace: { "/users?": "error" }, ready: "Something went wrong" },
  "users-german": { path: "/users", as: grace, language: "de", ready: "Ada Lovelace" },
  "user-german": { path: `/users/${person(2)}`, as: grace, language: "de", ready: "Aktionen" },
  "user-error": { path: `/users/${person(2)}`, as: grace, replace: { [`users/${person(2)}`]: "error" }, ready: "Try again" },
  "user": { path: `/users/${person(2)}`, as: grace, ready: "Actions" },
  "user-long-name": { path: `/users/${person(3)}`, as: grace, ready: "Actions" },
  "user-own": { path: `/users/${person(1)}`, as: grace, ready: "This is your account" },
  "user-confirm": {
    path: `/users/${person(2)}`,
    as: grace,
    act: (page) => page.getByRole("button", { name: "Deactivate" }).click(),
    ready: "Deactivate Ada Lovelace?",
  },
  "user-missing": { path: "/users/01JD8Z5V3K4N6P7Q8R9S0T1V2W", as: grace, ready: "No such account" },
  // scaffold:begin invitations
  "invitations": { path: "/invitations", as: grace, ready: "Withdraw" },
  "invitations-empty": { path: "/invitations", as: grace, replace: { invitations: "empty" }, ready: "No open invitations" },
  "invitations-invite": {
    path: "/invitations",
    as: grace,
    act: (page) => page.getByRole("button", { name: "Invite" }).click(),
    ready: "Send invitation",
  },
  "invitations-withdraw": {
    path: "/invitations",
    as: grace,
    act: (page) => page.getByRole("button", { name: /Withdraw/ }).first().click(),
    ready: "You can then invite",
  },
  // scaffold:end invitations
  // scaffold:begin audit
  "audit": { path: "/audit", as: grace, ready: "Deleted account" },
  "audit-filtered": { path: `/audit?type=authz_change&target=${person(7)}`, as: grace, ready: "Target:" },
  "audit-german": { path: "/audit", as: grace, language: "de", ready: "Gelöschtes Konto" },
  "audit-loading": { path: "/audit", as: grace, replace: { "/audit-events": "never" }, ready: "" },
  "audit-error": { path: "/audit", as: grace, replace: { "/audit-events": "error" }, ready: "Try again" },
  "audit-empty": { path: "/audit", as: grace, replace: { "/audit-events": "empty" }, ready: "No events" },
  // scaffold:end audit
  "forbidden": { path: "/users", as: ada, ready: "No access" },
  "broken": {
    path: "/",
    as: grace,
    act: async (page) => {
      await page.route("**/assets/users-*.js", (route) => route.abort());
      await page.goto("/users");
    },
    ready: "This page could not be displayed",
  },
  "not-loaded": {
    path: "/",
    as: ada,
    act: async (page) => {
      await page.route("**/assets/router-*.js", (route) => route.abort());
      await page.reload();
    },
    ready: "This page could not be displayed",
  },
  "not-found": { path: "/nothing/here", as: ada, ready: "Page not found" },
};
const busy = ["users-loading", "dashboard-slow", "unreachable", "sign-in-again"];
busy.push("audit-loading"); // scaffold:only audit

for (const [name, look] of Object.entries(looks)) {
  test(`looks: ${name}`, async ({ page, context, watch }) => {
    watch.allow(/status of (401|404|422|429|500)/, /net::ERR_/, /dynamically imported module/, /preload/);
    await useFixtures(context, look);
    await page.clock.setFixedTime("2026-11-25T12:00:00Z");
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await context.setOffline(false);
      await page.goto("about:blank"); // another token in the address alone loads no page
      await page.goto(look.path);
      await look.act?.(page);
      await expect(page.getByRole("heading").or(page.getByRole("status", { name: "Loading" })).first()).toBeVisible();
      if (look.ready) await expect(page.getByText(look.ready).last()).toBeVisible();
      if (!busy.includes(name)) await expect(page.locator("[aria-busy=true], .animate-pulse")).toHaveCount(0);
      for (const theme of ["light", "dark"] as const) await inspect(page, name, theme, width);
    }
    await page.close(); // with the requests that are never answered
  });
}

async function inspect(page: Page, name: string, theme: "light" | "dark", width: number) {
  const view = `${name}-${theme}-${width}`;
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveCSS("color-scheme", theme);
  await settled(page);
  const fullPage = (await page.locator("[data-modal], [role=menu]").count()) === 0; // those are as high as the window
  await page.screenshot({ path: screenshotPath(view), fullPage });
  expect(await violations(page), view).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(width);
  if (!compared.includes(name) || (theme === "light") !== (width === 1280)) return;
  const isRefresh = ["all", "changed"].includes(test.info().config.updateSnapshots);
  if (!isRefresh && !existsSync(test.info().snapshotPath(`${view}.png`))) return;
  await expect(page).toHaveScreenshot(`${view}.png`, { animations: "disabled", fullPage });
}
