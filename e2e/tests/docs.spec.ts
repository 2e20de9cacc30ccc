import { type Page } from "@playwright/test";
import { apiURL, expect, newEmail, password, register, screenshot, serious, test } from "../support/test.js";

test("logging in on the page authorizes other operations", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  const email = newEmail();
  await register(email);
  await page.goto(`${apiURL()}/api/docs#/users/getCurrentUser`);
  const me = page.locator("#operations-users-getCurrentUser");
  await me.getByRole("button", { name: "Execute" }).click();
  await expect(me.locator(".live-responses-table .response .response-col_status").first()).toContainText("401");

  await page.goto(`${apiURL()}/api/docs#/auth/loginUser`);
  const login = page.locator("#operations-auth-loginUser");
  if (!(await login.getByRole("textbox").isVisible())) await login.locator(".opblock-summary-control").click();
  await login.getByRole("textbox").fill(JSON.stringify({ email, password }));
  await login.getByRole("button", { name: "Execute" }).click();
  await expect(page.locator(".btn.authorize")).toHaveClass(/\blocked\b/);

  await me.getByRole("button", { name: "Execute" }).click();
  await expect(me.locator(".live-responses-table")).toContainText(email);
  await me.locator(".live-responses-table").scrollIntoViewIfNeeded();
  await screenshot(page, "docs-tried");
});

test("a token can be pasted", async ({ page }) => {
  const email = newEmail();
  const token = await register(email);
  await page.goto(`${apiURL()}/api/docs#/users/getCurrentUser`);
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.getByLabel("auth-bearer-value").fill(token);
  await page.getByRole("button", { name: "Apply credentials" }).click();
  await page.getByRole("button", { name: "Close" }).last().click();
  const me = page.locator("#operations-users-getCurrentUser");
  await me.getByRole("button", { name: "Execute" }).click();
  await expect(me.locator(".live-responses-table")).toContainText(email);
});

test("the page is accessible and shows an example of every response", async ({ page }) => {
  await page.goto(`${apiURL()}/api/docs#/users/updateCurrentUser`);
  const change = page.locator("#operations-users-updateCurrentUser");
  for (const status of ["200", "401", "403", "409", "412", "422", "429", "default"]) {
    await expect(change.locator(`tr.response[data-code="${status}"] pre.example`)).toContainText("{");
  }
  await screenshot(page, "docs");
  expect(await serious(page, "nested-interactive")).toEqual([]); // Swagger UI has buttons in buttons
});

test("the reference shows all sections", async ({ page }) => {
  await page.goto(`${apiURL()}/api/redoc`);
  await expect(page.getByRole("heading", { name: "My account" }).first()).toBeVisible();
  for (const part of ["Authentication", "Errors", "Pagination", "Idempotency", "Concurrency", "Rate limits"]) {
    await expect(page.getByRole("heading", { name: part })).toBeVisible();
  }
  await screenshot(page, "redoc");
  expect(await serious(page)).toEqual([]);
});

/** Opens an operation on a freshly loaded page, because changing only the hash opens nothing. */
async function open(page: Page, operation: string) {
  await page.goto("about:blank");
  await page.goto(`${apiURL()}/api/docs#/${operation}`);
  const opened = page.locator(`#operations-${operation.replace("/", "-")}`);
  await expect(opened.locator(".responses-table")).toBeVisible();
  return opened;
}

test("optional parameters start empty", async ({ page }) => {
  const operations = [
    "users/listUsers",
    "users/updateCurrentUser",
    "audit/listAuditEvents", // scaffold:only audit
  ];
  for (const operation of operations) {
    for (const row of await (await open(page, operation)).locator("tr[data-param-name]").all()) {
      const name = await row.getAttribute("data-param-name");
      const hasDefault = name === "limit" || name === "sort";
      if (!hasDefault) await expect(row.locator("input, select"), `${operation} ${name}`).toHaveValue("");
    }
  }
});

test("an opened operation fits a phone screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const operation of ["users/listUsers", "users/updateCurrentUser", "auth/registerUser"]) {
    await open(page, operation);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), operation).toBe(390);
  }
});

test("both pages are accessible in dark mode", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${apiURL()}/api/redoc`);
  await expect(page.getByRole("heading", { name: "My account" }).first()).toBeVisible();
  expect(await serious(page)).toEqual([]);
  await open(page, "users/updateCurrentUser");
  expect(await serious(page, "nested-interactive")).toEqual([]); // Swagger UI has buttons in buttons
});

test("a click in the sidebar of the reference opens the group", async ({ page }) => {
  await page.goto(`${apiURL()}/api/redoc`);
  await page.locator("label", { hasText: /^users$/ }).click();
  await expect(page).toHaveURL(/#tag\/users$/);
  await expect(page.locator("label.active")).toHaveText("users");
});
