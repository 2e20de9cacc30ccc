import { type Page } from "@playwright/test";
import { apiURL, expect, newEmail, register, screenshot, serious, test } from "../support/test.js";

test("the example of a login authorizes other operations", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  const email = "ada@example.com"; // make seed creates it
  await register(email).catch(() => {}); // a repeated test
  const me = await open(page, "users/getCurrentUser");
  await me.getByRole("button", { name: "Execute" }).click();
  await expect(me.locator(".live-responses-table .response .response-col_status").first()).toContainText("401");

  const login = await open(page, "auth/loginUser");
  await login.getByRole("button", { name: "Execute" }).click();
  await expect(page.locator(".btn.authorize")).toHaveClass(/\blocked\b/);

  await me.getByRole("button", { name: "Execute" }).click();
  await expect(me.locator(".live-responses-table")).toContainText(email);
  expect(await cutOff(page)).toEqual([]); // also of the command, which has a long token
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
  test.slow(); // axe reads the whole contract
  await page.goto(`${apiURL()}/api/redoc`);
  await expect(page.getByRole("heading", { name: "My account" }).first()).toBeVisible();
  for (const part of ["Authentication", "Errors", "Pagination", "Idempotency", "Concurrency", "Rate limits"]) {
    await expect(page.getByRole("heading", { name: part })).toBeVisible();
  }
  expect(await cutOff(page)).toEqual([]);
  await screenshot(page, "redoc");
  expect(await serious(page)).toEqual([]);
});

/** Opens an operation; loads the page only once, because drawing it takes seconds on a busy machine. */
async function open(page: Page, operation: string) {
  const opened = page.locator(`#operations-${operation.replace("/", "-")}`);
  if (page.url() === "about:blank") await page.goto(`${apiURL()}/api/docs#/${operation}`);
  else await opened.locator(".opblock-summary-control").click();
  await expect(opened.locator(".responses-table").last()).toBeVisible();
  return opened;
}

/** Returns the starts of code samples with lines that do not fit. */
const cutOff = (page: Page) =>
  page.locator("#docs :is(pre, .redoc-json)").evaluateAll((samples) =>
    samples.filter((sample) => sample.scrollWidth > sample.clientWidth + 1).map((sample) => sample.textContent?.slice(0, 40)),
  );

test("optional parameters start empty", async ({ page }) => {
  const operations = [
    "users/listUsers",
    "users/updateCurrentUser",
    "audit/listAuditEvents", // scaffold:only audit
  ];
  for (const operation of operations) {
    const fields = (await open(page, operation)).locator("tr[data-param-name]:not([data-param-name=limit], [data-param-name=sort]) :is(input, select)");
    const values = await fields.evaluateAll((all) => all.map((field) => (field as HTMLInputElement).value));
    expect(values.length, operation).toBeGreaterThan(0);
    expect(values.join(""), operation).toBe("");
  }
});

test("an opened operation and its samples fit a phone screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const operation of ["users/listUsers", "users/updateCurrentUser", "auth/registerUser"]) {
    await open(page, operation);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), operation).toBe(390);
  }
  expect(await cutOff(page)).toEqual([]);
  await screenshot(page, "docs-phone");
});

test.describe("in dark mode", () => {
  test.use({ colorScheme: "dark" });

  test("the page is accessible", async ({ page }) => {
    await open(page, "users/updateCurrentUser");
    await screenshot(page, "docs-dark");
    expect(await serious(page, "nested-interactive")).toEqual([]); // Swagger UI has buttons in buttons
  });

  test("the reference is accessible", async ({ page }) => {
    test.slow(); // axe reads the whole contract
    await page.goto(`${apiURL()}/api/redoc`);
    await expect(page.getByRole("heading", { name: "My account" }).first()).toBeVisible();
    expect(await serious(page)).toEqual([]);
  });
});

test("a click in the sidebar of the reference opens the group", async ({ page }) => {
  await page.goto(`${apiURL()}/api/redoc`);
  await page.locator("label", { hasText: /^users$/ }).click();
  await expect(page).toHaveURL(/#tag\/users$/);
  await expect(page.locator("label.active")).toHaveText("users");
});
