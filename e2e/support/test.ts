import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { fileURLToPath } from "node:url";
import { expired } from "../../tools/testapi/testapi.mjs";
import { admin } from "./servers.js";

export { admin, expect };

const environment = (name: string) => process.env[name] ?? "";
export const appURL = () => environment("APP_URL");
export const apiURL = () => environment("API_URL");

export const password = "correct horse battery staple";

/** Fails the test on console errors, page errors, requests to other hosts and CSP violations. */
interface Watch {
  /** Allows console messages that match; browsers always log failed requests and error responses. */
  allow(...patterns: RegExp[]): void;
}

export const test = base.extend<{ watch: Watch; baseURL: string }>({
  baseURL: async ({}, use) => use(appURL()),
  watch: [
    async ({ context }, use) => {
      const allowed: RegExp[] = [];
      const problems: string[] = [];
      await observe(context, problems);
      await use({ allow: (...patterns) => allowed.push(...patterns) });
      expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
    },
    { auto: true },
  ],
});

async function observe(context: BrowserContext, problems: string[]) {
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`page: ${error.error()}`));
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const ours = protocol !== "http:" && protocol !== "https:" ? true : [appURL(), apiURL()].includes(origin);
    if (!ours) problems.push(`request to another host: ${request.url()}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} blocks ${event.blockedURI} ${event.sample}`);
    });
  });
}

let count = 0;
export const newEmail = (name = "user") => `${name}-${process.pid}-${Date.now().toString(36)}-${count++}@example.com`;

/** Calls the API without a browser. */
export async function call<Answer>(method: string, path: string, body?: object, token?: string): Promise<Answer> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  const response = await fetch(apiURL() + path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

export async function register(email: string, name?: string): Promise<string> {
  const body = { email, password, ...(name ? { name } : {}) };
  return (await call<{ access_token: string }>("POST", "/api/v1/auth/register", body)).access_token;
}

export async function signIn(page: Page, email: string, secret = password) {
  await page.goto(`${appURL()}/sign-in`);
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
}

/** Signs in as a new user and returns the e-mail. */
export async function signedIn(page: Page, name?: string): Promise<string> {
  const email = newEmail();
  await register(email, name);
  await signIn(page, email);
  return email;
}

/**
 * Replaces the access token in the browser with an expired one. With `known` the client can tell by
 * `expires_at`.
 */
export async function expire(page: Page, options: { known: boolean }) {
  const tokens = JSON.parse((await page.evaluate(() => localStorage.getItem("plinth.tokens"))) ?? "null");
  tokens.access_token = expired(tokens.access_token, environment("API_SECRET"));
  if (options.known) tokens.expires_at = Date.now() - 1;
  await page.evaluate((text) => localStorage.setItem("plinth.tokens", text), JSON.stringify(tokens));
}

/** Returns a function that returns the number of requests to a path since the call. */
export function counted(context: BrowserContext, path: string) {
  let requests = 0;
  context.on("request", (request) => {
    if (request.method() !== "OPTIONS" && new URL(request.url()).pathname === path) requests++;
  });
  return () => requests;
}

const desk = { width: 1200, height: 800 };
const views = [
  { view: "light", colorScheme: "light", size: desk },
  { view: "dark", colorScheme: "dark", size: desk },
  { view: "phone", colorScheme: "light", size: { width: 390, height: 844 } },
] as const;

/**
 * Checks a page in light, dark and phone views: no serious accessibility violations, no horizontal
 * overflow. Saves screenshots. `busy` skips waiting until the page has loaded.
 */
export async function inspect(page: Page, name: string, busy = false) {
  if (!busy) await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  for (const { view, colorScheme, size } of views) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    await settled(page);
    await screenshot(page, `${name}-${view}`);
    expect(await serious(page), `${name}, ${view}`).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name}, ${view}`).toBe(size.width);
  }
  await page.setViewportSize(desk);
}

export const screenshot = (page: Page, name: string) =>
  page.screenshot({ path: fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url)) });

/** Waits for all finite animations. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/**
 * Returns axe violations that are serious or critical. `known` names rules that third-party code
 * violates.
 */
export async function serious(page: Page, ...known: string[]): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).disableRules(known).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
