import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { startAPI } from "../../../tools/testapi/testapi.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    api: { url: string; secret: string };
  }
}

export const admin = { email: "admin@example.com", password: "an administrator of tests" };

export const root = fileURLToPath(new URL("../../..", import.meta.url)); // of the repository
const generator = join(root, "tools/openapi-ts");

/** Generates a client, as src/gen is generated. */
export function generate(contract: string, output: string) {
  const env = { ...process.env, CONTRACT: contract, OUTPUT: output };
  const stdio = ["ignore", "ignore", "inherit"] as const;
  execFileSync("npm", ["--loglevel=error", "run", "generate"], { cwd: generator, env, stdio: [...stdio] });
}

/**
 * Generates the client of the kit's shop that shop.test.ts imports, unless it is newer than its
 * sources. The shop uses contract features that the API does not use.
 */
function generateShop() {
  const contract = join(root, "kit/internal/shop/openapi.yaml");
  const output = join(root, "clients/typescript/test/shop");
  const generated = join(output, "sdk.gen.ts");
  const sources = [contract, join(root, "package-lock.json"), join(generator, "openapi-ts.config.js"), join(generator, "contract.js")];
  const time = (file: string) => statSync(file).mtimeMs;
  if (!existsSync(generated) || sources.some((source) => time(source) > time(generated))) generate(contract, output);
}

/** Starts the API once for all tests. */
export default async function setup(project: TestProject) {
  generateShop();
  const api = await startAPI({ RATE_LIMIT_ENABLED: "false" });
  api.createAdmin(admin.email, admin.password);
  project.provide("api", { url: api.url, secret: api.secret });
  return api.stop;
}
