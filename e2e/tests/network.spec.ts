import { apiURL, appURL, expect, screenshot, signedIn, test } from "../support/test.js";

test("the page shows that it is offline and reconnects", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page, "Ada");
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await page.goBack().catch(() => {});
  await screenshot(page, "offline");
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toHaveCount(0);
});

test("an API that is down is not called being offline, and keeps the form's input", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page, "Ada", "/settings/profile", "Settings");
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.getByRole("textbox", { name: "Name" }).fill("Ada King");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("The service cannot be reached. Try again in a moment.");
  await expect(page.getByText("This page reconnects automatically.")).toBeVisible();
  await expect(page.getByText("You are offline")).toHaveCount(0);
  await screenshot(page, "unreachable");
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByText("This page reconnects automatically.")).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Ada King");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Profile saved.")).toBeVisible();
});

test("the page waits for an API that is down at the start", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page);
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.reload();
  await expect(page.getByText("This page reconnects automatically.")).toBeVisible();
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test("CORS allows only the app's origin, including preflights", async ({ browser }) => {
  const page = await browser.newPage(); // without the checks of the fixture
  const elsewhere = "http://127.0.0.1:8999/";
  await page.route(elsewhere, (route) => route.fulfill({ contentType: "text/html", body: "<title>Elsewhere</title>" }));
  const ask = (headers: Record<string, string>) =>
    page.evaluate(
      ([url, headers]) =>
        fetch(url, { headers }).then(
          (response) => `${response.status}, request ${response.headers.has("X-Request-ID")}`,
          (error: unknown) => String(error),
        ),
      [`${apiURL()}/api/v1/users/me`, headers] as const,
    );
  const bearer = { Authorization: "Bearer invalid" }; // causes a preflight
  await page.goto(appURL());
  expect(await ask({})).toBe("401, request true");
  expect(await ask(bearer)).toBe("401, request true");
  await page.goto(elsewhere);
  expect(await ask({})).toBe("TypeError: Failed to fetch");
  expect(await ask(bearer)).toBe("TypeError: Failed to fetch");
  await page.close();
});
