import type { Page } from "@playwright/test";
import { apiURL, cookieAppURL, counted, expect, fillSignIn, newEmail, register, signedIn, signOut, test } from "../support/test.js";

const refresh = "/api/v1/auth/refresh";
const dashboard = (page: Page) => expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();

test.use({ baseURL: async ({}, use) => use(cookieAppURL()) });

test("a session in cookies survives a reload, and scripts cannot read its tokens", async ({ page, context }) => {
  const login = page.waitForResponse(`${apiURL()}/api/v1/auth/login`);
  await signedIn(page, "Ada");
  expect(Object.keys(await (await login).json()).sort()).toEqual(["access_token", "expires_in", "token_type"]);

  const cookies = await context.cookies(`${apiURL()}${refresh}`);
  const flags = { domain: "127.0.0.1", path: "/api/v1/auth", httpOnly: true, secure: false, sameSite: "Strict" };
  expect(cookies.sort((a, b) => a.name.localeCompare(b.name))).toMatchObject([
    { name: "plinth_device_token", value: expect.stringMatching(/^dt_/), ...flags },
    { name: "plinth_refresh_token", value: expect.stringMatching(/^rt_/), ...flags },
  ]);
  expect(await context.cookies(`${apiURL()}/api/v1/users/me`)).toEqual([]);
  const readable = await page.evaluate(async () =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys()]),
  );
  expect(readable).toMatch(/^\[\{"plinth\.session":"[^"]*"\},\{\},"",\[\],\[\]\]$/);
  for (const { value } of cookies) expect(readable).not.toContain(value);

  const refreshes = counted(context, refresh);
  await page.reload();
  await expect(page.getByText("Signed in as Ada.")).toBeVisible();
  expect(refreshes()).toBe(1);
});

const locks = {
  "with Web Locks": undefined,
  "without Web Locks": () => Object.defineProperty(navigator, "locks", { value: undefined }),
  "at the same moment": () => {
    const request = async (_name: string, _options: object, work: () => unknown) => work();
    Object.defineProperty(navigator, "locks", { value: { request } });
  },
};
for (const [name, script] of Object.entries(locks)) {
  test(`two tabs that renew with one cookie ${name} both continue`, async ({ page, context }) => {
    if (script) await context.addInitScript(script);
    await signedIn(page, "Ada");
    const tab = await context.newPage();
    await tab.goto(cookieAppURL());
    await dashboard(tab);
    if (name === "at the same moment") await together(page, tab);
    const refreshes = counted(context, refresh);
    await Promise.all([page.reload(), tab.reload()]); // access tokens are in memory
    for (const each of [page, tab]) await expect(each.getByText("Signed in as Ada.")).toBeVisible();
    expect(refreshes()).toBeGreaterThanOrEqual(2); // more if the machine is so busy that one times out
    await tab.reload(); // the browser has the latest cookie
    await expect(tab.getByText("Signed in as Ada.")).toBeVisible();
    expect((await context.cookies(`${apiURL()}${refresh}`)).length).toBe(2);
  });
}

/** Holds the renewals of both tabs until each has sent one. */
async function together(...pages: Page[]) {
  let waiting = 0;
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  for (const page of pages) {
    await page.route(`**${refresh}`, async (route) => {
      if (route.request().method() === "POST" && ++waiting === pages.length) release();
      if (route.request().method() === "POST") await all;
      await route.continue();
    });
  }
}

test("signing out in one tab ends a session in cookies in the other", async ({ page, context, watch }) => {
  watch.allow(/status of 401/);
  const email = await signedIn(page);
  const tab = await context.newPage();
  await tab.goto(cookieAppURL());
  await dashboard(tab);
  const [stolen] = (await context.cookies(`${apiURL()}${refresh}`)).filter(({ name }) => name === "plinth_refresh_token");
  await signOut(page, email);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(tab.getByRole("alertdialog", { name: "Sign in again" })).toBeVisible();
  const left = await context.cookies(`${apiURL()}${refresh}`);
  expect(left.map(({ name }) => name)).toEqual(["plinth_device_token"]);
  expect(await renew({ Origin: cookieAppURL(), Cookie: `${stolen?.name}=${stolen?.value}` })).toBe("401 invalid_refresh_token");
  await page.reload();
  await fillSignIn(page, email);
  await dashboard(page);
  await expect(tab.getByRole("alertdialog")).toHaveCount(0);
  await tab.reload();
  await dashboard(tab);
});

/** Renews without a browser, whose rules do not apply then. */
async function renew(headers: Record<string, string>) {
  const response = await fetch(apiURL() + refresh, { method: "POST", headers: { "X-Token-Transport": "cookie", ...headers } });
  return `${response.status} ${(await response.json()).code ?? "renewed"}`;
}

for (const [site, origin] of [["the same site", "http://127.0.0.1:8999"], ["another site", "http://localhost:8999"]] as const) {
  test(`a page of another origin on ${site} cannot use the cookies`, async ({ browser }) => {
    const context = await browser.newContext(); // without the checks of the fixture
    const page = await context.newPage();
    const email = newEmail();
    await register(email, "Ada");
    await page.goto(cookieAppURL());
    await fillSignIn(page, email);
    await expect(page.getByText("Signed in as Ada.")).toBeVisible();
    const before = await context.cookies(`${apiURL()}${refresh}`);

    const foreign = await context.newPage();
    await foreign.route(`${origin}/`, (route) => route.fulfill({ contentType: "text/html", body: "<form method=post>" }));
    for (const path of ["refresh", "logout"]) {
      const url = `${apiURL()}/api/v1/auth/${path}`;
      await foreign.goto(origin);
      expect(await post(foreign, url)).toBe("TypeError: Failed to fetch"); // the preflight fails
      const [response] = await Promise.all([foreign.waitForResponse(url), foreign.waitForURL(url), submit(foreign, url)]);
      expect("cookie" in (await response.request().allHeaders())).toBe(site === "the same site"); // by SameSite
      expect(response.status()).toBe(422); // without the header the API looks for a token in the body
    }
    expect(await context.cookies(`${apiURL()}${refresh}`)).toEqual(before);

    const Cookie = before.map(({ name, value }) => `${name}=${value}`).join("; ");
    for (const Origin of [origin, "null", `${cookieAppURL()}.example.com`]) {
      expect(await renew({ Origin, Cookie })).toBe("403 token_transport_refused");
    }
    await page.reload();
    await expect(page.getByText("Signed in as Ada.")).toBeVisible();
    await context.close();
  });
}

/** Asks for the cookies to be used, and returns the status or the error. */
const post = (page: Page, url: string) =>
  page.evaluate(
    (url) =>
      fetch(url, { method: "POST", credentials: "include", headers: { "X-Token-Transport": "cookie" } }).then(
        ({ status }) => String(status),
        String,
      ),
    url,
  );

/** Submits a form, which needs no preflight. */
const submit = (page: Page, url: string) =>
  page.evaluate((url) => {
    const form = document.querySelector("form");
    if (form) form.action = url;
    form?.submit();
  }, url);
