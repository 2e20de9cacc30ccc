import { admin, apiURL, expect, inspect, newEmail, register, signedIn, signIn, test } from "../support/test.js";

test("an administrator can search, promote and deactivate accounts", async ({ page, watch }) => {
  watch.allow(/status of 409/);
  const mark = newEmail("mark").split("@")[0] as string;
  await Promise.all(Array.from({ length: 25 }, (_, n) => register(`${mark}.${n}@example.com`, `Person ${n}`)));
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Users" }).click();
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  await inspect(page, "users");

  await page.getByRole("searchbox").fill(mark.toUpperCase());
  await expect(rows.filter({ hasNotText: mark })).toHaveCount(1); // the header
  await expect(rows).toHaveCount(21); // the header and one page
  await rows.last().scrollIntoViewIfNeeded();
  await expect(rows).toHaveCount(26);
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);

  const email = `${mark}.7@example.com`;
  const row = page.getByRole("row", { name: email });
  await row.getByRole("switch").press("Space");
  await expect(page.getByText(`${email} updated.`)).toBeVisible();
  await expect(row.getByRole("switch")).not.toBeChecked();
  const promoted = page.waitForResponse((response) => response.request().method() === "PATCH");
  await row.getByRole("combobox").selectOption("admin");
  await promoted;
  await page.reload();
  await page.getByRole("searchbox").fill(email);
  await expect(rows).toHaveCount(2);
  await expect(row.getByRole("combobox")).toHaveValue("admin");
  await expect(row.getByRole("switch")).not.toBeChecked();
  await row.getByRole("button", { name: `Actions for ${email}` }).click();
  await inspect(page, "user-menu");
  await page.getByRole("menuitem", { name: "End all sessions" }).click();
  await expect(page.getByText(`All sessions of ${email} ended.`)).toBeVisible();

  await page.getByRole("searchbox").fill(admin.email);
  await expect(page.getByRole("row", { name: admin.email })).toBeVisible();
  await page.getByRole("row", { name: admin.email }).getByRole("switch").press("Space");
  await expect(page.getByText("This is the last active administrator.")).toBeVisible();

  await page.getByRole("searchbox").fill("no such name");
  await expect(page.getByText("No name or e-mail contains")).toBeVisible();
  await inspect(page, "users-empty");
});

// scaffold:begin audit
test("an administrator can filter audit events", async ({ page }) => {
  await register(newEmail());
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await inspect(page, "audit");
  await page.getByRole("combobox", { name: "Event type" }).selectOption("Created an account");
  await expect(page.getByRole("row").nth(1)).toContainText("Created an account");
});
// scaffold:end audit

test("a loading page shows its state", async ({ page, context }) => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await signIn(page, admin.email, admin.password);
  await context.route(`${apiURL()}/api/v1/users?*`, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await inspect(page, "loading", true);
  release();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("a page that fails to load shows an error and can be retried", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/, /dynamically imported module/);
  await signIn(page, admin.email, admin.password);
  await context.route("**/assets/Users-*.js", (route) => route.abort());
  await page.getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("alert")).toContainText("This page could not be displayed.");
  await inspect(page, "page-broken");
  await page.getByRole("link", { name: "Sessions" }).click(); // other pages work
  await expect(page.getByText("this session")).toBeVisible();
  await page.getByRole("link", { name: "Users" }).click();
  await context.unroute("**/assets/Users-*.js");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});

test("users who are not administrators see an error", async ({ page, watch }) => {
  watch.allow(/status of 403/);
  await signedIn(page);
  await page.goto("/users");
  await expect(page.getByRole("alert")).toContainText("Your role does not permit this.");
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0); // a retry would not help
  await inspect(page, "forbidden");
});
