// Generates a client of the shop of the kit's tests into test/shop, unless it is newer than its
// sources. The shop uses contract features that the API does not use.
import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const contract = path("../../../kit/internal/shop/openapi.yaml");
const tool = path("../../../tools/openapi-ts");
const output = path("../test/shop");
const generated = `${output}/sdk.gen.ts`;

const sources = [contract, ...["openapi-ts.config.js", "contract.js", "package-lock.json"].map((name) => `${tool}/${name}`)];
const time = (file) => statSync(file).mtimeMs;
if (!existsSync(generated) || sources.some((source) => time(source) > time(generated))) {
  const env = { ...process.env, CONTRACT: contract, OUTPUT: output };
  execFileSync("npm", ["--prefix", tool, "--loglevel=error", "run", "generate"], { env, stdio: ["ignore", "ignore", "inherit"] });
}
