import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "test/setup.ts",
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000, // of what hangs; a busy machine is none
  },
});
