import { admin, expect, inspect, newEmail, register, signIn, test } from "../support/test.js";

test("an administrator finds, promotes and deactivates accounts", async ({ page, watch }) => {
  watch.allow(/status of 409/);
  const mark = newEmail("mark").split("@")[0] as string;
  await Promise.all(Array.from({ length: 25 }, (_, n) => register(`${mark}.${n}@example.com`, `Person ${n}`)));
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Users" }).click();
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  await inspect(page, "users");

  await page.getByRole("searchbox").fill(mark.toUpperCase());
  await expect(rows.filter({ hasNotText: mark })).toHaveCount(1); // the head
  await expect(rows).toHaveCount(21); // and a page
  await rows.last().scrollIntoViewIfNeeded();
  await expect(rows).toHaveCount(26);
  await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0);

  const email = `${mark}.7@example.com`;
  const row = page.getByRole("row", { name: email });
  await row.getByRole("switch").press("Space");
  await expect(row.getByRole("switch")).not.toBeChecked();
  await row.getByRole("combobox").selectOption("admin");
  await expect(page.getByText(`${email} is changed.`).first()).toBeVisible();
  await page.reload();
  await page.getByRole("searchbox").fill(email);
  await expect(rows).toHaveCount(2);
  await expect(row.getByRole("combobox")).toHaveValue("admin");
  await expect(row.getByRole("switch")).not.toBeChecked();
  await row.getByRole("button", { name: `More for ${email}` }).click();
  await inspect(page, "user-menu");
  await page.getByRole("menuitem", { name: "End all sessions" }).click();
  await expect(page.getByText(`${email} is signed out everywhere.`)).toBeVisible();

  await page.getByRole("searchbox").fill(admin.email);
  await expect(page.getByRole("row", { name: admin.email })).toBeVisible();
  await page.getByRole("row", { name: admin.email }).getByRole("switch").press("Space");
  await expect(page.getByText("This is the last active administrator.")).toBeVisible();

  await page.getByRole("searchbox").fill("nobody has this name");
  await expect(page.getByText("No name or e-mail has")).toBeVisible();
  await inspect(page, "users-empty");
});

test("an administrator reads what happened", async ({ page }) => {
  await register(newEmail());
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await inspect(page, "audit");
  await page.getByRole("combobox", { name: "Kind of event" }).selectOption("Created an account");
  await expect(page.getByRole("row").nth(1)).toContainText("Created an account");
});
