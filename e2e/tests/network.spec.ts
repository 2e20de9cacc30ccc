import { apiURL, appURL, expect, inspect, signedIn, test } from "../support/test.js";

test("the page shows that it is offline and reconnects", async ({ page, context, watch }) => {
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

test("an unreachable API shows an error and keeps the form's input", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page, "Ada");
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.getByRole("textbox", { name: "Name" }).fill("Ada King");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByRole("alert").getByText("The API cannot be reached. Check your connection")).toBeVisible();
  await expect(page.getByText("You are offline")).toBeVisible();
  await inspect(page, "offline");
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByText("You are offline")).toHaveCount(0);
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Ada King");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByText("Name saved.")).toBeVisible();
});

test("the page waits for an API that is down at the start", async ({ page, context, watch }) => {
  watch.allow(/net::ERR_/);
  await signedIn(page);
  await context.route(`${apiURL()}/**`, (route) => route.abort("connectionrefused"));
  await page.reload();
  await expect(page.getByText("You are offline")).toBeVisible();
  await context.unroute(`${apiURL()}/**`);
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
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

async function inspectOffline(page: Parameters<typeof inspect>[0]) {
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
}
