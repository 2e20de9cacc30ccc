import { defineConfig } from "@playwright/test";

// Uses the system's browser, which scripts/e2e.sh finds; Playwright downloads none.
const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM is not set: run make e2e");

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/servers.ts",
  outputDir: "results",
  snapshotPathTemplate: "baselines/{arg}{ext}",
  ignoreSnapshots: !!process.env.CI, // its browser draws letters differently
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  timeout: 240_000, // long enough for a busy machine
  expect: { timeout: 30_000, toHaveScreenshot: { maxDiffPixels: 100 } },
  reporter: process.env.CI ? "dot" : "list",
  projects: process.env.LIGHTHOUSE
    ? [{ name: "lighthouse", testMatch: "lighthouse.spec.ts" }]
    : [
        { name: "app", testIgnore: "lighthouse.spec.ts" },
        { name: "latency", grep: /@latency/ }, // the same flows, with 300 ms before each request to the API
      ],
  use: {
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--font-render-hinting=none",
        "--disable-lcd-text",
      ],
    },
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
  },
});
