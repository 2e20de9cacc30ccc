import type { Page } from "@playwright/test";
import { appURL, call, counted, expect, expire, password, signedIn, test } from "../support/test.js";

const refresh = "/api/v1/auth/refresh";
const sessions = (page: Page) => page.getByRole("link", { name: "Sessions" }).click();

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
    await expect(page.getByText("this session")).toBeVisible();
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
    await expect(tab.getByRole("heading", { name: "Profile" })).toBeVisible(); // both share one session
    const refreshes = counted(context, refresh);
    await expire(page, { known: false });
    await Promise.all([sessions(page), sessions(tab)]);
    await expect(page.getByText("this session")).toBeVisible();
    await expect(tab.getByText("this session")).toBeVisible();
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
  await expect(page.getByText("this session")).toBeVisible();
  expect(lost).toBe(2);
});

test("tabs sign out and sign in together", async ({ page, context }) => {
  const email = await signedIn(page);
  const tab = await context.newPage();
  await tab.goto(appURL());
  await expect(tab.getByRole("heading", { name: "Profile" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(tab.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await tab.getByRole("textbox", { name: "E-mail" }).fill(email);
  await tab.getByRole("textbox", { name: "Password" }).fill(password);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
});

test("a reload keeps the session, and its end shows a message", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  await signedIn(page);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  const tokens = JSON.parse((await page.evaluate(() => localStorage.getItem("plinth.tokens"))) ?? "null");
  await call("POST", "/api/v1/auth/logout", { refresh_token: tokens.refresh_token });
  await sessions(page);
  await expect(page.getByText("You have been signed out")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
