import type { Page } from "@playwright/test";
import { appURL, call, counted, expect, expire, fillSignIn, newEmail, password, register, screenshot, signedIn, signOut, storedTokens, test } from "../support/test.js";

const refresh = "/api/v1/auth/refresh";
const sessions = (page: Page) => page.goto(`${appURL()}/settings/sessions`);

for (const known of [true, false]) {
  test(`an expired token, ${known ? "known" : "unknown"} to the page, is renewed`, async ({
    page,
    context,
    watch,
  }) => {
    if (!known) watch.allow(/status of 401/);
    await signedIn(page);
    const refreshes = counted(context, refresh);
    await expire(page, { known });
    await sessions(page);
    await expect(page.getByText("This session")).toBeVisible();
    expect(refreshes()).toBe(1);
  });
}

for (const locks of [true, false]) {
  test(`two tabs renew once, ${locks ? "with" : "without"} Web Locks`, async ({ page, context, watch }) => {
    watch.allow(/status of 401/);
    if (!locks) await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    await signedIn(page);
    const tab = await context.newPage();
    await tab.goto(appURL());
    await expect(tab.getByRole("heading", { name: "Dashboard" })).toBeVisible(); // both share one session
    const refreshes = counted(context, refresh);
    await expire(page, { known: false });
    await Promise.all([sessions(page), sessions(tab)]);
    await expect(page.getByText("This session")).toBeVisible();
    await expect(tab.getByText("This session")).toBeVisible();
    // Without locks both may renew on a busy machine: the API gives both the same tokens.
    expect(refreshes()).toBeGreaterThan(0);
    expect(refreshes()).toBeLessThanOrEqual(locks ? 1 : 2);
  });
}

test("a lost response to a renewal does not log the user out", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page);
  let lost = 0;
  await context.route(`**${refresh}`, async (route) => {
    if (route.request().method() === "POST" && lost++ === 0) {
      await route.fetch(); // the response is lost after the API sent it
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await expire(page, { known: true });
  await sessions(page);
  await expect(page.getByText("This session")).toBeVisible();
  expect(lost).toBe(2);
});

test("tabs sign out and sign in together", async ({ page, context }) => {
  const email = await signedIn(page);
  const tab = await context.newPage();
  await tab.goto(appURL());
  await expect(tab.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await signOut(page, email);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(tab.getByRole("alertdialog", { name: "Sign in again" })).toBeVisible();
  await fillSignIn(page, email);
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await expect(tab.getByRole("alertdialog")).toHaveCount(0);
  await expect(tab.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test("a tab does not show data of a user to the next one", async ({ page, context }) => {
  const email = await signedIn(page, "First user");
  const tab = await context.newPage();
  await tab.goto(appURL());
  await expect(tab.getByText("Signed in as First user.")).toBeVisible();
  await signOut(page, `First user ${email}`);
  const other = newEmail();
  await register(other, "Second user");
  await fillSignIn(page, other);
  await expect(page.getByText("Signed in as Second user.")).toBeVisible();
  await expect(tab.getByText("Signed in as Second user.")).toBeVisible();
});

test("a session that ends asks to sign in again and keeps what was typed", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 401/);
  await signedIn(page, "Ada", "/settings/profile", "Settings");
  await page.reload();
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Typed before the end");
  await call("POST", "/api/v1/auth/logout", { refresh_token: (await storedTokens(page)).refresh_token });
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Sign in again" });
  await expect(dialog.getByRole("textbox", { name: "Password" })).toBeFocused();
  await screenshot(page, "sign-in-again");
  await dialog.getByRole("textbox", { name: "Password" }).fill("not the password");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog.getByRole("alert")).toContainText("The e-mail or the password is incorrect.");
  await dialog.getByRole("textbox", { name: "Password" }).fill(password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(name).toHaveValue("Typed before the end");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Profile saved.")).toBeVisible();
});

test("another account can be used when a session has ended", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  await signedIn(page, "Ada", "/settings/profile", "Settings");
  await call("POST", "/api/v1/auth/logout", { refresh_token: (await storedTokens(page)).refresh_token });
  await page.getByRole("textbox", { name: "Name" }).fill("Countess");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Use another account" }).click();
  await expect(page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
});

test("a user who returns after the end of the session signs in and gets to the page", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  const email = await signedIn(page);
  await call("POST", "/api/v1/auth/logout", { refresh_token: (await storedTokens(page)).refresh_token });
  await sessions(page);
  await fillSignIn(page, email);
  await expect(page.getByText("This session")).toBeVisible();
});
