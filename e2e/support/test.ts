import AxeBuilder from "@axe-core/playwright";
import { test as base, type BrowserContext, expect, type Page } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { expired } from "../../tools/testapi/testapi.mjs";
import { admin } from "./servers.js";

export { admin, expect };

const environment = (name: string) => process.env[name] ?? "";
export const appURL = () => environment("APP_URL");
/** The app with its refresh tokens in cookies. */
export const cookieAppURL = () => environment("COOKIE_APP_URL");
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
    async ({ context }, use, info) => {
      const allowed: RegExp[] = [];
      const problems: string[] = [];
      await observe(context, problems);
      if (info.project.name === "latency") await delay(context, 300);
      await use({ allow: (...patterns) => allowed.push(...patterns) });
      await context.unrouteAll({ behavior: "ignoreErrors" });
      expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([]);
    },
    { auto: true },
  ],
});

/** Delays every request to the API. */
const delay = (context: BrowserContext, milliseconds: number) =>
  context.route(`${apiURL()}/**`, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await route.continue();
  });

async function observe(context: BrowserContext, problems: string[]) {
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`page: ${error.error()}`));
  context.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const ours = protocol !== "http:" && protocol !== "https:" ? true : [appURL(), cookieAppURL(), apiURL()].includes(origin);
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

/** Opens the link to a page that an address got in its latest mail with one, as a click in the mail does. */
export async function openLink(page: Page, address: string, path: string) {
  const pattern = new RegExp(`${appURL()}${path}#token=\\S+`);
  let link: string | undefined;
  await expect(async () => {
    const mails = await call<{ to: string; text: string }[]>("GET", "/dev/mail.json");
    link = mails.filter(({ to }) => to === address).map(({ text }) => pattern.exec(text)?.[0]).find(Boolean);
    expect(link).toBeDefined();
  }).toPass({ timeout: 30_000 });
  await page.goto("about:blank"); // a link to the page itself would load nothing
  await page.goto(String(link));
  await expect(page).toHaveURL(appURL() + path); // without the token
}

/** Fills in the sign-in form, wherever it is shown. */
export async function fillSignIn(page: Page, email: string, secret = password) {
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in at `path`, and waits for the heading of its page. */
export async function signIn(page: Page, email: string, secret = password, path = "/", heading = "Dashboard") {
  await page.goto(path);
  await fillSignIn(page, email, secret);
  await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
}

/** Signs in as a new user at `path`, and returns the e-mail. */
export async function signedIn(page: Page, name?: string, path?: string, heading?: string): Promise<string> {
  const email = newEmail();
  await register(email, name);
  await signIn(page, email, password, path, heading);
  return email;
}

export async function signOut(page: Page, name: string) {
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
}

/**
 * Replaces the access token in the browser with an expired one. With `known` the client can tell by
 * `expires_at`.
 */
export async function expire(page: Page, options: { known: boolean }) {
  const tokens = await storedTokens(page);
  tokens.access_token = expired(tokens.access_token, environment("API_SECRET"));
  if (options.known) tokens.expires_at = Date.now() - 1;
  await page.evaluate((text) => localStorage.setItem("plinth.tokens", text), JSON.stringify(tokens));
}

export const storedTokens = async (page: Page) =>
  JSON.parse((await page.evaluate(() => localStorage.getItem("plinth.tokens"))) ?? "null");

/** Returns a function that returns the number of requests to a path since the call. */
export function counted(context: BrowserContext, path: string) {
  let requests = 0;
  context.on("request", (request) => {
    if (request.method() !== "OPTIONS" && new URL(request.url()).pathname === path) requests++;
  });
  return () => requests;
}

export const screenshotPath = (name: string) =>
  fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url));

export const screenshot = (page: Page, name: string) => page.screenshot({ path: screenshotPath(name) });

/** Waits for all finite animations and for the typeface. */
export const settled = (page: Page) =>
  page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });

/** Returns all axe violations. `known` names rules that third-party code violates. */
export async function violations(page: Page, ...known: string[]): Promise<string[]> {
  return (await analyze(page, known)).map(toText);
}

/** Returns axe violations that are serious or critical. */
export async function serious(page: Page, ...known: string[]): Promise<string[]> {
  const all = await analyze(page, known);
  return all.filter(({ impact }) => impact === "serious" || impact === "critical").map(toText);
}

async function analyze(page: Page, known: string[]) {
  const rules = Object.fromEntries(known.map((rule) => [rule, { enabled: false }]));
  // Descriptions of the elements without violations take most of the time on long pages.
  const { violations } = await new AxeBuilder({ page }).options({ rules, resultTypes: ["violations"] }).analyze();
  return violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => ({ ...node, impact, rule: id })));
}

const toText = ({ rule, html, failureSummary }: Awaited<ReturnType<typeof analyze>>[number]) =>
  `${rule}: ${html}\n${failureSummary}`;
