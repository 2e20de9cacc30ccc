// Makes a client of the shop, a contract that only tests have, into test/shop: what teams write that this API does not have
// has to work with the client, too. Does nothing where it is newer than its sources.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const contract = path("../../../internal/shoptest/openapi.yaml");
const tool = path("../../../tools/openapi-ts");
const output = path("../test/shop");
const made = `${output}/sdk.gen.ts`;

const sources = [contract, ...["openapi-ts.config.js", "contract.js", "package-lock.json"].map((name) => `${tool}/${name}`)];
const time = (file) => statSync(file).mtimeMs;
if (!existsSync(made) || sources.some((source) => time(source) > time(made))) {
  const env = { ...process.env, CONTRACT: contract, OUTPUT: output };
  execFileSync("npm", ["--prefix", tool, "--loglevel=error", "run", "generate"], { env, stdio: ["ignore", "ignore", "inherit"] });
}
