import { admin, appURL, call, expect, fillSignIn, newEmail, password, register, screenshot, signedIn, signIn, signOut, storedTokens, test } from "../support/test.js";

test("registration shows field errors, then signs in", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 4(22|09)/);
  await page.goto("/");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  await page.getByRole("link", { name: "Register" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toBeFocused();
  const email = page.getByRole("textbox", { name: "E-mail" });
  await expect(email).toHaveAttribute("aria-required", "true");
  await email.fill("nope");
  await page.getByRole("textbox", { name: "Password" }).fill("short");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(email).toHaveAccessibleDescription(/Enter an e-mail address, such as/); // not that it is too short
  await expect(page.getByText("Enter at least 15 characters.")).toBeVisible();
  await expect(email).toBeFocused();

  await email.fill(admin.email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(email).toHaveAccessibleDescription("Another account has this e-mail.");

  await email.fill(newEmail());
  await page.getByRole("textbox", { name: "Name" }).fill("Ada Lovelace");
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await expect(page.getByText("Signed in as Ada Lovelace.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Users" })).toHaveCount(0); // not an administrator
});

test("a visitor signs in at the address of a page and lands there", async ({ page, watch }) => {
  watch.allow(/status of 401/);
  const email = newEmail();
  await register(email);
  await page.goto("/settings/sessions");
  await fillSignIn(page, email, "a wrong password of tests");
  await expect(page.getByRole("alert")).toContainText("The e-mail or the password is incorrect.");
  await fillSignIn(page, email);
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await signOut(page, email);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page).toHaveURL(`${appURL()}/`);
  await fillSignIn(page, email);
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test("the name can be changed and removed, and guards unsaved text", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 412/);
  const email = await signedIn(page, "Ada", "/settings/profile", "Settings");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Ada King");
  await page.getByRole("link", { name: "Password" }).click();
  const question = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(name).toHaveValue("Ada King");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Profile saved.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Ada King" })).toBeVisible(); // in the sidebar, too

  // A concurrent change of the account is not overwritten.
  const { access_token } = await storedTokens(page);
  await call("PATCH", "/api/v1/users/me", { name: "Changed elsewhere" }, access_token);
  await name.fill("Typed here");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The saved name is now “Changed elsewhere”.")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click(); // overwrites deliberately
  await expect(page.getByRole("button", { name: "Typed here" })).toBeVisible();

  await name.fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: email })).toBeVisible();
  await expect(page.getByRole("button", { name: "Save" })).toBeEnabled();
  await page.getByRole("link", { name: "Password" }).click(); // nothing is unsaved
  await expect(page.getByRole("heading", { name: "Password" })).toBeVisible();
});

test("changing e-mail or password requires the current password", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 4(01|03|22)/);
  const old = await signedIn(page, undefined, "/settings/email", "Settings");
  const email = newEmail("changed");
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  const current = page.getByRole("textbox", { name: "Current password" });
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await expect(current).toHaveAccessibleDescription("Required.");
  await current.fill("not it");
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await expect(current).toHaveAccessibleDescription("The current password is incorrect.");
  await expect(current).toBeFocused();
  await current.fill(password);
  await page.getByRole("button", { name: "Change e-mail" }).click();
  await expect(page.getByText(`We sent a link to ${email}.`)).toBeVisible();
  await expect(page.getByText(`Open the link that we sent to ${email} to complete the change.`)).toBeVisible();

  await page.getByRole("link", { name: "Password" }).click();
  const better = "a longer horse battery staple";
  await page.getByRole("textbox", { name: "Current password" }).fill(password);
  await page.getByRole("textbox", { name: "New password" }).fill(better);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed.")).toBeVisible();
  await page.getByRole("link", { name: "E-mail", exact: true }).click();
  await expect(page.getByText("to complete the change")).toHaveCount(0); // a new password cancels it
  await signOut(page, old);
  await signIn(page, old, better);
});

test("ending a session signs out the other browser", { tag: "@latency" }, async ({ page, browser, watch }) => {
  watch.allow(/status of 401/);
  const email = await signedIn(page, undefined, "/settings/sessions", "Settings");
  const elsewhere = await browser.newPage();
  await signIn(elsewhere, email);
  await page.reload();
  const items = page.getByRole("main").getByRole("listitem");
  await expect(page.getByText("This session")).toHaveCount(1);
  await expect(items).toHaveCount(3); // one from the registration
  await items.first().getByRole("button").click(); // newest first
  await expect(items).toHaveCount(2);
  await expect(page.getByText("Session ended.")).toBeVisible();
  await elsewhere.getByRole("link", { name: "Settings" }).click();
  await elsewhere.getByRole("textbox", { name: "Name" }).fill("Typed elsewhere");
  await elsewhere.getByRole("button", { name: "Save" }).click();
  await expect(elsewhere.getByRole("alertdialog", { name: "Sign in again" })).toBeVisible();
  await elsewhere.close();
  await page.getByRole("button", { name: "End all sessions" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End all sessions" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("deleting the account requires the password", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 4(03|22)/);
  const email = await signedIn(page, undefined, "/settings/deletion", "Settings");
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog");
  const current = dialog.getByRole("textbox", { name: "Current password" });
  await expect(current).toBeFocused();
  await dialog.getByRole("button", { name: "Delete permanently" }).click();
  await expect(current).toHaveAccessibleDescription("Required.");
  await current.fill(password);
  await dialog.getByRole("button", { name: "Delete permanently" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByText("Account deleted.")).toBeVisible();
  await register(email); // the e-mail is available again
});

test("the app works with the keyboard alone", async ({ page }) => {
  const email = newEmail();
  await register(email);
  await page.goto("/settings/profile");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
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
  const sections = page.getByRole("navigation", { name: "Settings" });
  await expect(sections.getByRole("link").first()).toBeFocused();
  const link = sections.getByRole("link", { name: "Sessions" });
  await link.focus();
  await expect(link).toHaveCSS("outline-style", "solid");
  await screenshot(page, "focus");
  await link.press("Enter");
  await expect(page.getByText("This session")).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page).toHaveTitle("Sessions · Settings · Plinth");
  await page.getByRole("button", { name: "End all sessions" }).press("Enter");
  await expect(page.getByRole("alertdialog").getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "End all sessions" })).toBeFocused();
});

test("theme and language can be chosen, and are there before the first paint", async ({ page }) => {
  await signedIn(page, "Ada", "/settings/appearance", "Settings");
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveClass("dark");
  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await expect(page.getByRole("heading", { name: "Einstellungen" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.goto("/");
  await expect(page.getByText("Angemeldet als Ada.")).toBeVisible();
  await expect(page.getByRole("definition").nth(1)).toHaveText(/^\d{1,2}\.\d{1,2}\.\d{4}$/); // the date in German

  // Without the app's own code the page is dark, although the system is light.
  await page.route("**/assets/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.reload();
  await expect(page.locator("html")).toHaveCSS("background-color", /^oklch\(0\.1/);
});

test("caps lock and hidden characters are pointed out", async ({ page }) => {
  await page.goto("/");
  const field = page.getByRole("textbox", { name: "Password" });
  await field.fill("secret");
  await expect(field).toHaveAttribute("type", "password");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(field).toHaveAttribute("type", "text");
  await field.evaluate((input) => {
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "A", modifierCapsLock: true, bubbles: true }));
  });
  await expect(page.getByText("Caps Lock is on.")).toBeVisible();
});
