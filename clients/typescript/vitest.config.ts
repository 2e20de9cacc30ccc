import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/setup.ts",
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000, // long enough for a busy machine
    hookTimeout: 120_000,
  },
});
