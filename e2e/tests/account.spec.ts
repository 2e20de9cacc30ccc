import { admin, call, expect, inspect, newEmail, password, register, screenshot, signedIn, signIn, test } from "../support/test.js";

test("registration shows field errors, then signs in", async ({ page, watch }) => {
  watch.allow(/status of 4(22|09)/);
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await inspect(page, "sign-in");
  await page.getByRole("link", { name: "Register" }).click();
  const email = newEmail();
  await page.getByRole("textbox", { name: "E-mail" }).fill("ada");
  await page.getByRole("textbox", { name: "Password" }).fill("short");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText("Must have at least 15 characters.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  await expect(page.getByRole("textbox", { name: "E-mail" })).toHaveAccessibleDescription(/e-mail|characters/i);
  await inspect(page, "register-refused");

  await page.getByRole("textbox", { name: "E-mail" }).fill(admin.email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByText("Another account has this e-mail.")).toBeVisible();

  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("textbox", { name: "Name" }).fill("Ada Lovelace");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Ada Lovelace");
  await expect(page.getByRole("link", { name: "Users" })).toHaveCount(0); // not an administrator
});

test("the profile can be edited and the name cleared", async ({ page, watch }) => {
  watch.allow(/status of 4(03|12|22)/);
  await signedIn(page, "Ada");
  await inspect(page, "profile");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Ada King");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("Name saved.")).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByRole("button", { name: "Clear" })).toHaveCount(0);
  await page.reload();
  await expect(name).toHaveValue("");

  const change = page.getByRole("region", { name: "E-mail" });
  await change.getByRole("textbox", { name: "E-mail" }).fill(newEmail("changed"));
  await change.getByRole("button", { name: "Change e-mail" }).click();
  await expect(change.getByRole("textbox", { name: "Password" })).toBeFocused();
  await change.getByRole("textbox", { name: "Password" }).fill("not it");
  await change.getByRole("button", { name: "Change e-mail" }).click();
  await expect(change.getByText("The current password is incorrect.")).toBeVisible();
  await change.getByRole("textbox", { name: "Password" }).fill(password);
  await change.getByRole("button", { name: "Change e-mail" }).click();
  await expect(page.getByText("E-mail changed.")).toBeVisible();

  // A concurrent change of the account is not overwritten.
  const mine = await call<{ access_token: string }>("POST", "/api/v1/auth/login", {
    email: await change.getByRole("textbox", { name: "E-mail" }).inputValue(),
    password,
  });
  await call("PATCH", "/api/v1/users/me", { name: "Changed elsewhere" }, mine.access_token);
  await name.fill("Typed here");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("The resource has changed since. Read it again.")).toBeVisible();
  await expect(page.getByText("Saved value: Changed elsewhere")).toBeVisible();
  await page.getByRole("button", { name: "Save name" }).click(); // overwrites deliberately
  await expect(page.getByText("The resource has changed since.")).toHaveCount(0);
  await page.reload();
  await expect(name).toHaveValue("Typed here");
});

test("changing the password requires the current one", async ({ page, watch }) => {
  watch.allow(/status of 4(01|03|22)/);
  const email = await signedIn(page);
  const section = page.getByRole("region", { name: "New password" });
  const better = "a longer horse battery staple";
  await section.getByRole("textbox", { name: "Current password" }).fill("not it");
  await section.getByRole("textbox", { name: "New password" }).fill(better);
  await section.getByRole("button").last().click();
  await expect(section.getByText("The current password is incorrect.")).toBeVisible();
  await section.getByRole("textbox", { name: "Current password" }).fill(password);
  await section.getByRole("button").last().click();
  await expect(page.getByText("Password changed.")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("No active account has this e-mail and password.")).toBeVisible();
  await inspect(page, "sign-in-refused");
  await signIn(page, email, better);
});

test("ending a session signs out the other browser", async ({ page, browser, watch }) => {
  watch.allow(/status of 401/);
  const email = await signedIn(page);
  const elsewhere = await browser.newPage();
  await signIn(elsewhere, email);
  await page.getByRole("link", { name: "Sessions" }).click();
  await expect(page.getByText("this session")).toHaveCount(1);
  await expect(page.getByRole("listitem")).toHaveCount(3); // one from the registration
  await inspect(page, "sessions");
  await page.getByRole("listitem").first().getByRole("button").click(); // newest first
  await expect(page.getByRole("listitem")).toHaveCount(2);
  await elsewhere.getByRole("link", { name: "Sessions" }).click();
  await expect(elsewhere.getByText("You have been signed out")).toBeVisible();
  await expect(elsewhere.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await elsewhere.close();
  await page.getByRole("button", { name: "End all sessions" }).click();
  await page.getByRole("button", { name: "End all", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("deleting the account requires the password", async ({ page, watch }) => {
  watch.allow(/status of 4(03|22)/);
  const email = await signedIn(page);
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "Your password" })).toBeFocused();
  await inspect(page, "delete");
  await dialog.getByRole("button", { name: "Delete permanently" }).click();
  await expect(dialog.getByRole("textbox", { name: "Your password" })).toBeFocused();
  await dialog.getByRole("textbox", { name: "Your password" }).fill(password);
  await dialog.getByRole("button", { name: "Delete permanently" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await register(email); // the e-mail is available again
});

test("the app works with the keyboard alone", async ({ page }) => {
  const email = newEmail();
  await register(email);
  await page.goto("/sign-in");
  await page.getByRole("textbox", { name: "E-mail" }).focus();
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("textbox", { name: "Name" })).toBeFocused();
  const link = page.getByRole("link", { name: "Sessions" });
  await page.getByRole("link", { name: "Profile" }).focus();
  await page.keyboard.press("Tab");
  await expect(link).toBeFocused();
  await expect(link).toHaveCSS("outline-style", "solid");
  await screenshot(page, "focus");
  await link.press("Enter");
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page).toHaveTitle("Sessions · Plinth");
  await page.getByRole("button", { name: "End all sessions" }).press("Enter");
  await expect(page.getByRole("button", { name: "End all", exact: true })).toBeFocused();
  await expect(page.getByRole("button", { name: "End all", exact: true })).toHaveCSS("outline-style", "solid");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "End all sessions" })).toBeFocused();
});
