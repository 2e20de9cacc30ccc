import { apiURL, appURL, expect, inspect, signedIn, test } from "../support/test.js";

test("without a network the page says so, and goes on when it is back", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page, "Ada");
  await context.setOffline(true);
  await expect(page.getByText("You are offline")).toBeVisible();
  await page.getByRole("link", { name: "Sessions" }).click();
  await inspectOffline(page);
  await context.setOffline(false);
  await expect(page.getByText("this session")).toBeVisible();
  await expect(page.getByText("You are offline")).toHaveCount(0);
});

test("an API that is down is told, and what was typed is kept", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page, "Ada");
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.getByRole("textbox", { name: "Name" }).fill("Ada King");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByRole("alert").getByText("The API cannot be reached. Check your connection")).toBeVisible();
  await expect(page.getByText("You are offline")).toBeVisible();
  await inspect(page, "offline");
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByText("You are offline")).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Ada King");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText("Your name is saved.")).toBeVisible();
});

test("an API that is down from the start is waited for", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page);
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.reload();
  await expect(page.getByText("You are offline")).toBeVisible();
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
});

test("the API answers the app's origin, preflights included, and no other", async ({ browser }) => {
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
  const bearer = { Authorization: "Bearer invalid" }; // has the browser ask first
  await page.goto(appURL());
  expect(await ask({})).toBe("401, request true");
  expect(await ask(bearer)).toBe("401, request true");
  await page.goto(elsewhere);
  expect(await ask({})).toBe("TypeError: Failed to fetch");
  expect(await ask(bearer)).toBe("TypeError: Failed to fetch");
  await page.close();
});

async function inspectOffline(page: Parameters<typeof inspect>[0]) {
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
}
