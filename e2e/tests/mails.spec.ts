import { expect, newEmail, openLink, password, register, signedIn, signIn, signOut, test } from "../support/test.js";
import { admin, appURL, screenshot } from "../support/test.js"; // scaffold:only invitations

const better = "a longer horse battery staple";

test("register, verify the e-mail, forget the password, reset it, sign in", { tag: "@latency" }, async ({ page, watch }) => {
  watch.allow(/status of 4(01|29)/);
  const email = newEmail();
  await page.goto("/register");
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Register" }).click();
  const banner = page.getByRole("region", { name: "Verify your e-mail" });
  await expect(banner).toContainText(email);
  await banner.getByRole("button", { name: "Send the mail again" }).click();
  await expect(banner).toContainText(`We sent a new link to ${email}.`);
  await page.reload();
  await banner.getByRole("button", { name: "Send the mail again" }).click();
  await expect(banner).toContainText(/A mail was sent there already\. .* Try again in \d+ seconds\./);

  await openLink(page, email, "/verify");
  await page.getByRole("button", { name: "Verify e-mail" }).click();
  await expect(page.getByRole("heading", { name: "E-mail verified" })).toBeFocused();
  await page.getByRole("link", { name: "Go to the dashboard" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await expect(banner).toHaveCount(0);
  await openLink(page, email, "/verify"); // once more
  await page.getByRole("button", { name: "Verify e-mail" }).click();
  await expect(page.getByText(`Your e-mail ${email} is verified.`)).toBeVisible();
  await page.getByRole("link", { name: "Go to the dashboard" }).click();

  // By the keyboard alone.
  await signOut(page, email);
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  const forgot = page.getByRole("link", { name: "Forgot your password?" });
  for (const _ of ["password", "show password", "forgot"]) await page.keyboard.press("Tab");
  await expect(forgot).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("textbox", { name: "E-mail" })).toBeFocused();
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`If there is an account with the e-mail ${email}`)).toBeVisible();
  await page.getByRole("button", { name: "Use another e-mail" }).click();
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("button", { name: "Send a link" }).click();
  await expect(page.getByRole("alert")).toContainText(/Try again in \d+ seconds\./);

  await openLink(page, email, "/reset-password");
  await page.getByRole("textbox", { name: "New password" }).fill(better);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { name: "Password changed" })).toBeVisible();
  await page.getByRole("button", { name: "Sign in" }).click();
  await signIn(page, email, better);

  await openLink(page, email, "/reset-password");
  await page.getByRole("textbox", { name: "New password" }).fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await page.getByRole("link", { name: "Send a link" }).click();
  await expect(page.getByRole("heading", { name: "Reset your password" })).toBeVisible();
});

test("a reset ends the session of the browser, too", async ({ page, context, watch }) => {
  watch.allow(/status of 401/);
  const email = await signedIn(page);
  await page.goto("/forgot-password");
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("button", { name: "Send a link" }).click();
  const tab = await context.newPage();
  await openLink(tab, email, "/reset-password");
  await tab.getByRole("textbox", { name: "New password" }).fill(better);
  await tab.getByRole("button", { name: "Change password" }).click();
  await tab.getByRole("button", { name: "Sign in" }).click();
  await signIn(tab, email, better);
});

test("a new e-mail is confirmed, and the old one undoes the change", { tag: "@latency" }, async ({ page, browser, watch }) => {
  watch.allow(/status of 401/);
  const email = newEmail("old");
  await register(email);
  await openLink(page, email, "/verify");
  await page.getByRole("button", { name: "Verify e-mail" }).click();
  await expect(page.getByRole("heading", { name: "E-mail verified" })).toBeVisible();
  await signIn(page, email, password, "/settings/email", "Settings");
  const change = async (to: string) => {
    await page.getByRole("textbox", { name: "New e-mail" }).fill(to);
    await page.getByRole("textbox", { name: "Current password" }).fill(password);
    await page.getByRole("button", { name: "Change e-mail" }).click();
    await expect(page.getByText(`Until then your e-mail is ${email}.`)).toBeVisible();
  };

  await change(newEmail("canceled"));
  await page.getByRole("button", { name: "Cancel the change" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Current password" }).fill(password);
  await dialog.getByRole("button", { name: "Cancel the change" }).click();
  await expect(page.getByText("Change of the e-mail canceled.")).toBeVisible();
  await expect(page.getByText("Until then your e-mail is")).toHaveCount(0);

  const next = newEmail("new");
  await change(next);
  const visitor = await (await browser.newContext()).newPage(); // signed out
  await openLink(visitor, next, "/confirm-email");
  await visitor.getByRole("button", { name: "Confirm e-mail" }).click();
  await expect(visitor.getByRole("heading", { name: "E-mail changed" })).toBeVisible();
  await visitor.getByRole("link", { name: "Sign in" }).click();
  await signIn(visitor, next);

  await openLink(page, email, "/undo-email-change"); // signed in
  await page.getByRole("button", { name: "Undo the change" }).click();
  await expect(page.getByRole("heading", { name: "Change undone" })).toBeVisible();
  await openLink(page, email, "/reset-password");
  await page.getByRole("textbox", { name: "New password" }).fill(better);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByRole("button", { name: "Sign in" }).click();
  await signIn(page, email, better);
  await visitor.reload();
  await expect(visitor.getByRole("heading", { name: "Sign in" })).toBeVisible(); // its session has ended
  await visitor.context().close();
});

// scaffold:begin invitations
test("an administrator invites, and the invitation is accepted", { tag: "@latency" }, async ({ page, browser, watch }) => {
  watch.allow(/status of 4(01|09)/);
  await signIn(page, admin.email, admin.password);
  await page.getByRole("link", { name: "Invitations" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite" });
  const invite = async (email: string) => {
    await page.getByRole("button", { name: "Invite" }).click();
    await dialog.getByRole("textbox", { name: "E-mail" }).fill(email);
    await dialog.getByRole("textbox", { name: "Name" }).fill("Invited person");
    await dialog.getByRole("button", { name: "Send invitation" }).click();
  };
  const withdrawn = newEmail("withdrawn");
  await invite(withdrawn);
  await expect(page.getByText(`Invitation sent to ${withdrawn}.`)).toBeVisible();
  await invite(withdrawn);
  await expect(dialog.getByRole("textbox", { name: "E-mail" })).toHaveAccessibleDescription(/has an open invitation/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  const email = newEmail("invited");
  await invite(email);
  const visitor = await (await browser.newContext()).newPage();
  await openLink(visitor, withdrawn, "/accept-invitation");
  const row = page.getByRole("row", { name: withdrawn });
  await expect(page.getByRole("row").nth(1)).toContainText(email); // the newest first
  await row.getByRole("button").click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(row).toHaveCount(0);

  await visitor.getByRole("textbox", { name: "Password" }).fill(password);
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await openLink(visitor, email, "/accept-invitation");
  await visitor.getByRole("textbox", { name: "Password" }).fill(password);
  await visitor.getByRole("button", { name: "Create account" }).click();
  await expect(visitor.getByText("Signed in as Invited person.")).toBeVisible();
  await expect(visitor.getByRole("region", { name: "Verify your e-mail" })).toHaveCount(0);
  await expect(visitor).toHaveURL(`${appURL()}/`);
  await screenshot(visitor, "invited");
  await visitor.context().close();
});
// scaffold:end invitations
