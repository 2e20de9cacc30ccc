import { admin, apiURL, call, counted, expect, newEmail, register, signIn, test } from "../support/test.js";

test("an administrator finds and changes accounts", { tag: "@latency" }, async ({ page, context }) => {
  const mark = newEmail("mark").split("@")[0] as string;
  await Promise.all(Array.from({ length: 25 }, (_, n) => register(`${mark}.${n}@example.com`, `Person ${n}`)));
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Users", exact: true }).click();
  const rows = page.getByRole("row");
  await page.getByRole("searchbox").fill(mark.toUpperCase());
  await expect(rows).toHaveCount(21); // the header and one page
  await expect(page).toHaveURL(new RegExp(`search=${mark.toUpperCase()}`));
  await rows.last().scrollIntoViewIfNeeded();
  await expect(rows).toHaveCount(26);
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);
  await page.getByRole("button", { name: "Account", exact: true }).click();
  await expect(page.getByRole("columnheader", { name: "Account" })).toHaveAttribute("aria-sort", "ascending");
  await expect(rows.nth(1)).toContainText(`${mark}.0@`);

  // An action asks, shows its result at once, and reads no list again.
  const email = `${mark}.0@example.com`;
  const row = page.getByRole("row", { name: email });
  const lists = counted(context, "/api/v1/users");
  await row.getByRole("button", { name: `Actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: "Deactivate" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
  await expect(row.getByText("Active", { exact: true })).toBeVisible();
  await row.getByRole("button", { name: `Actions for ${email}` }).click();
  await page.getByRole("menuitem", { name: "Deactivate" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Deactivate" }).click();
  await expect(row.getByText("Inactive")).toBeVisible();
  await expect(page.getByText("Person 0 updated.")).toBeVisible();
  expect(lists()).toBe(0);

  // The address has the whole state of the list.
  await page.getByRole("combobox", { name: "Status" }).selectOption("Inactive");
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
  await expect(page.getByRole("searchbox")).toHaveValue(mark.toUpperCase());
  await page.getByRole("searchbox").fill("no such name");
  await expect(page.getByText("No account matches these filters.")).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.getByRole("searchbox")).toHaveValue("");
});

test("the page of an account has its actions and events", { tag: "@latency" }, async ({ page }) => {
  const token = await register(newEmail("person"), "A person");
  const { id } = await call<{ id: string }>("GET", "/api/v1/users/me", undefined, token);
  await signIn(page, admin.email, admin.password, `/users/${id}`, "A person");
  await page.getByRole("button", { name: "Make administrator" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Make A person an administrator?" });
  await dialog.getByRole("button", { name: "Make administrator" }).click();
  await expect(page.getByRole("button", { name: "Remove administrator role" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Another name");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Another name" })).toBeVisible();
  await page.getByRole("button", { name: "End all sessions" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End all sessions" }).click();
  await expect(page.getByText("All sessions of Another name have ended.")).toBeVisible();
  await page.getByRole("button", { name: "Reset failed sign-ins" }).click();
  await expect(page.getByText("Another name can sign in again immediately.")).toBeVisible();
  // scaffold:begin audit
  await page.reload();
  await expect(page.getByRole("region", { name: "Latest events" }).getByText("Role changed", { exact: true })).toBeVisible();
  // scaffold:end audit
});

test("administrators cannot change themselves by accident", async ({ page }) => {
  await signIn(page, admin.email, admin.password, `/users?search=${admin.email}`, "Users");
  const row = page.getByRole("row", { name: admin.email });
  await expect(row.getByText("You")).toBeVisible();
  await expect(row.getByRole("button")).toHaveCount(0);
  await row.getByRole("link").click();
  await expect(page.getByText("This is your account")).toBeVisible();
  await expect(page.getByRole("button", { name: "Deactivate" })).toHaveCount(0);
});

test("a change that the API refuses is taken back", async ({ page, context, watch }) => {
  watch.allow(/status of 409/);
  const email = newEmail("kept");
  await register(email, "Kept");
  await signIn(page, admin.email, admin.password, `/users?search=${email}`, "Users");
  const row = page.getByRole("row", { name: email });
  const problem = { type: "about:blank", title: "", status: 409, detail: "", instance: "", code: "last_admin", request_id: "" };
  await context.route(`${apiURL()}/api/v1/users/*`, async (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    const headers = { "Access-Control-Allow-Origin": "*" };
    await route.fulfill({ status: 409, headers, contentType: "application/problem+json", json: problem });
  });
  await row.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Deactivate" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByText("This is the last active administrator.")).toBeVisible();
  await expect(row.getByText("Active", { exact: true })).toBeVisible();
});

// scaffold:begin audit
test("audit events have names and links, and filters in the address", { tag: "@latency" }, async ({ page }) => {
  await register(newEmail(), "Audited person");
  await signIn(page, admin.email, admin.password, "/audit", "Audit log");
  await page.getByRole("combobox", { name: "Event" }).selectOption("Account created");
  await expect(page).toHaveURL(/type=user_created/);
  const row = page.getByRole("row").filter({ hasText: "Audited person" }).first();
  await expect(row).toContainText("Account created");
  await row.getByRole("link", { name: "Audited person" }).click();
  await expect(page.getByRole("heading", { name: "Audited person" })).toBeVisible();
  await page.getByRole("link", { name: "All events" }).click();
  await expect(page.getByText("Target:")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Audited person" })).toBeVisible();
});
// scaffold:end audit

test("a page that fails to load shows an error and can be reloaded", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/, /dynamically imported module/, /preload/);
  await signIn(page, admin.email, admin.password);
  await context.route("**/assets/users-*.js", (route) => route.abort());
  await page.getByRole("link", { name: "Users", exact: true }).click();
  await expect(page.getByRole("heading", { name: "This page could not be displayed" })).toBeVisible();
  await page.getByRole("link", { name: "Settings", exact: true }).click(); // other pages work
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  await context.unroute("**/assets/users-*.js");
  await page.goto("/users");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
});
