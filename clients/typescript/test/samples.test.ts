import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import * as sdk from "../src/gen/sdk.gen.js";
import { isProblem, type PlinthClient } from "../src/index.js";
import { generate, root } from "./setup.js";
import { newClient, newEmail, signedIn, signedInAsAdmin } from "./support.js";

const packageFolder = join(root, "clients/typescript");

/** Returns a folder inside the package, where imports of the package resolve. */
function newFolder() {
  const folder = mkdtempSync(join(packageFolder, "samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function checkTypes(folder: string) {
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions: { allowJs: false }, include: ["*.ts"] }),
  );
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { stdio: "inherit" });
}

interface Operation {
  operationId: string;
  "x-required-role"?: string;
  "x-codeSamples": { lang: string; source: string }[];
}

/** Returns the operations of the API with their TypeScript samples. */
async function documented() {
  const contract = (await (await fetch(`${inject("api").url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const operations = Object.values(contract.paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ operationId }) => operationId);
  expect(operations).toHaveLength(Object.keys(sdk).length);
  return operations.map(({ operationId, "x-required-role": role, "x-codeSamples": samples }) => {
    const source = samples.find(({ lang }) => lang === "TypeScript")?.source;
    if (!source) throw new Error(`${operationId} has no TypeScript sample`);
    return { operationId, role, source };
  });
}

// The API generates the samples of its documentation; this checks their types against the package.
test("the documentation's TypeScript samples type-check", async () => {
  const folder = newFolder();
  const declared = 'import { createPlinthClient } from "@plinth/client";\nconst client = createPlinthClient({ baseUrl: "" });\n';
  for (const { operationId, source } of await documented()) writeFileSync(join(folder, `${operationId}.ts`), declared + source);
  checkTypes(folder);
});

// Problems of malformed calls, which the generated code must prevent. Other problems, such as a
// missing row, are allowed.
const malformed = [
  "malformed_request",
  "unsupported_media_type",
  "route_not_found",
  "method_not_allowed",
  "validation_failed",
  "unauthenticated",
  "forbidden",
];

const run = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (client: PlinthClient, api: typeof sdk, console: { log(): void }) => Promise<void>;

test("the documentation's TypeScript sample of every operation runs", async () => {
  const found: Record<string, string> = {};
  for (const { operationId, role, source } of await documented()) {
    const body = source
      .replace(/^import ({.*}) from .*;$/m, "const $1 = api;")
      .replace(/^for await .*$/m, "await stream.return();")
      .replaceAll("ada@example.com", newEmail());
    const client = role === "admin" ? await signedInAsAdmin() : role ? (await signedIn()).client : newClient();
    try {
      await new run("client", "api", "console", body)(client, sdk, { log() {} });
    } catch (error) {
      if (!isProblem(error)) found[operationId] = String(error);
      else if (error.status >= 500 || malformed.includes(error.code)) found[operationId] = `${error.code}: ${error.detail} ${JSON.stringify(error.errors)}`;
    }
  }
  expect(found).toEqual({});
});

// The same for contracts that use every feature, with clients generated here.
test.each(["kit/internal/shop/openapi.yaml", "kit/apispec/testdata/shapes.yaml"])("the samples of %s type-check", (file) => {
  const folder = newFolder();
  const contract = join(root, file);
  generate(contract, join(folder, "gen"));
  execFileSync("go", ["run", "example.com/plinth/kit/cmd/contract", "samples", contract, folder], { cwd: root });
  checkTypes(folder);
});
