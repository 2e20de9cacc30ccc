import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import { generate, root } from "./setup.js";

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

interface Contract {
  paths: Record<string, Record<string, { operationId?: string; "x-codeSamples"?: { lang: string; source: string }[] }>>;
}

// The API generates the samples of its documentation; this checks their types against the package.
test("the documentation's TypeScript samples type-check", async () => {
  const contract = (await (await fetch(`${inject("api").url}/api/openapi.json`)).json()) as Contract;
  const operations = Object.values(contract.paths).flatMap((methods) => Object.values(methods));
  const folder = newFolder();
  const declared = 'import { createPlinthClient } from "@plinth/client";\nconst client = createPlinthClient({ baseUrl: "" });\n';
  const samples = operations.flatMap(({ operationId, "x-codeSamples": all }) =>
    (all ?? []).filter(({ lang }) => lang === "TypeScript").map(({ source }) => ({ operationId, source })),
  );
  expect(samples).toHaveLength(operations.filter(({ operationId }) => operationId).length);
  for (const { operationId, source } of samples) writeFileSync(join(folder, `${operationId}.ts`), declared + source);
  checkTypes(folder);
});

// The same for contracts that use every feature, with clients generated here.
test.each(["kit/internal/shop/openapi.yaml", "kit/apispec/testdata/shapes.yaml"])("the samples of %s type-check", (file) => {
  const folder = newFolder();
  const contract = join(root, file);
  generate(contract, join(folder, "gen"));
  execFileSync("go", ["run", "example.com/plinth/kit/cmd/contract", "samples", contract, folder], { cwd: root });
  checkTypes(folder);
});
