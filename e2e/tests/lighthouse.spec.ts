import { chromium } from "@playwright/test";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { admin, appURL, expect, signIn, test } from "../support/test.js";

// make lighthouse: measures as on a phone with a slow network, and needs a machine that is not busy.
// Lighthouse is installed here only, because it is larger than all other packages together.
const lighthouse = "lighthouse@13.5.0";
const port = 9333;
const pages = [
  "/sign-in", "/register", "/", "/settings/profile", "/users",
  "/audit", // scaffold:only audit
];

interface Report {
  categories: Record<string, { score: number; title: string }>;
  audits: Record<string, { displayValue?: string }>;
}

test("every page scores at least 90 in Lighthouse", async ({}, info) => {
  test.setTimeout(900_000);
  const context = await chromium.launchPersistentContext(info.outputPath("profile"), {
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", `--remote-debugging-port=${port}`],
  });
  const low: string[] = [];
  for (const path of pages) {
    if (path === "/") await signIn(await context.newPage(), admin.email, admin.password);
    const { categories, audits } = await measure(appURL() + path);
    const scores = Object.values(categories).map(({ title, score }) => ({ title, score: Math.round(100 * score) }));
    const paint = audits["largest-contentful-paint"]?.displayValue;
    console.log([path, ...scores.map(({ title, score }) => `${title} ${score}`), `LCP ${paint}`].join("  "));
    low.push(...scores.filter(({ score }) => score < 90).map(({ title, score }) => `${path}: ${title} ${score}`));
  }
  await context.close();
  expect(low).toEqual([]);
});

async function measure(url: string): Promise<Report> {
  const args = [
    "exec", "--yes", `--package=${lighthouse}`, "--", "lighthouse", url, `--port=${port}`, "--quiet",
    "--output=json", "--disable-storage-reset", "--only-categories=performance,accessibility,best-practices,seo",
  ];
  // Not synchronously: Playwright has to let the tab go on that Lighthouse opens.
  const { stdout } = await promisify(execFile)("npm", args, { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Report;
}
