import { defineConfig } from "@playwright/test";

// The browser is the system's: nothing is downloaded. scripts/e2e.sh finds it.
const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM does not name a browser: run make e2e");

export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/servers.ts",
  outputDir: "results",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  workers: 2,
  timeout: 240_000, // of what hangs: a busy machine is slow, not wrong
  expect: { timeout: 30_000 },
  reporter: process.env.CI ? "dot" : "list",
  use: {
    launchOptions: {
      executablePath,
      args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    },
    viewport: { width: 1200, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
  },
});
