import type { TestProject } from "vitest/node";
import "../scripts/shop.mjs"; // generates the client that shop.test.ts imports
import { startAPI } from "../../../tools/testapi/testapi.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    api: { url: string; secret: string };
  }
}

export const admin = { email: "admin@example.com", password: "an administrator of tests" };

/** Starts the API once for all tests. */
export default async function setup(project: TestProject) {
  const api = await startAPI({ RATE_LIMIT_ENABLED: "false" });
  api.createAdmin(admin.email, admin.password);
  project.provide("api", { url: api.url, secret: api.secret });
  return api.stop;
}
