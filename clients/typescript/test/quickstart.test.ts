import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(packageFolder, "node_modules/.bin/tsc");
const deno = join(packageFolder, "node_modules/.bin/deno");

// Follows the README's section in an empty folder: installs the package, type-checks the program
// and runs it.
test("the README's frontend section works in Node.js and in Deno", () => {
  const readme = readFileSync(join(packageFolder, "../../README.md"), "utf8");
  const [, program] = readme.match(/npm install \.\/clients\/typescript\n```[^`]*```ts\n([^`]*)```/) ?? [];
  expect(program?.trim().split("\n").length).toBeLessThan(10);

  const folder = mkdtempSync(join(tmpdir(), "quickstart-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const run = (...command: [string, ...string[]]) =>
    execFileSync(command[0], command.slice(1), { cwd: folder, encoding: "utf8" });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  run("npm", "install", "--no-audit", "--no-fund", packageFolder);

  const here = String(program).replace("http://127.0.0.1:8000", inject("api").url);
  expect(here).not.toBe(program);
  writeFileSync(join(folder, "main.ts"), here);
  run(tsc, "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--types", "", "main.ts");
  expect(run("node", "main.js").trim()).toBe("ada@example.com user");

  writeFileSync(join(folder, "main.ts"), here.replace("ada@", "grace@"));
  expect(run(deno, "run", "--no-check", "--allow-net", "main.ts").trim()).toBe("grace@example.com user");
});
