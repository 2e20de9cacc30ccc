// The package as other projects get it: packed by `make client` and installed in an empty folder.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { root } from "./setup.js";

const packageFolder = join(root, "clients/typescript");
const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
const name: string = manifest.name;
const tarball = join(root, "bin/client.tgz");
const bin = (program: string) => join(root, "node_modules/.bin", program);
// That of the package, and the older one of the generator.
const compilers = [bin("tsc"), join(root, "tools/openapi-ts/node_modules/.bin/tsc")] as const;
const readmes = ["README.md", "clients/typescript/README.md"].map((file) => readFileSync(join(root, file), "utf8"));

const modules = ["query", "testing", "zod"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "consumer-"));
  run(root, "make", "--silent", "client");
  const names = ["@hookform/resolvers", "@tanstack/react-query", "@types/react", "msw", "react", "react-hook-form", "zod"];
  const peers = names.map((each) => `${each}@${manifest.devDependencies[each]}`);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  npmInstall(folder, tarball, ...peers);
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(cwd: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8" });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}:\n${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}

const npmInstall = (cwd: string, ...packages: string[]) =>
  run(cwd, "npm", "install", "--loglevel=error", "--prefer-offline", "--no-audit", "--no-fund", ...packages);

/** Writes files to a new folder below the installed package, so that imports resolve. */
function program(of: string, files: Record<string, string>): string {
  const at = join(folder, of);
  mkdirSync(at);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text);
  return at;
}

test("the frontend section of the README works in Node.js and in Deno", () => {
  const [, section] = String(readmes[0]).match(/^npm install \S+client\.tgz.*\n```[^`]*```ts\n([^`]*)```/m) ?? [];
  expect(section?.trim().split("\n").length).toBeLessThan(10);
  const here = String(section).replace("http://127.0.0.1:8000", inject("api").url);
  expect(here).not.toBe(section);

  const at = program("quickstart", { "main.ts": here, "deno.ts": here.replace("ada@", "grace@") });
  run(at, bin("tsc"), ..."--strict --target es2022 --module nodenext --lib es2022,dom --types".split(" "), "", "main.ts");
  expect(run(at, "node", "main.js").trim()).toBe("ada@example.com user");
  expect(run(at, bin("deno"), "run", "--no-check", "--allow-net", "deno.ts").trim()).toBe("grace@example.com user");
});

test.each(["--no-install-links", "--install-links"])("npm install %s of the folder builds the package", (option) => {
  const clone = program(`clone${option}`, {});
  const isSource = (file: string) => !/\/(dist|node_modules|test)$/.test(file);
  for (const file of ["package.json", "clients/typescript"]) {
    cpSync(join(root, file), join(clone, file), { recursive: true, preserveTimestamps: true, filter: isSource });
  }
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));

  const at = program(`folder${option}`, { "package.json": '{ "type": "module" }' });
  npmInstall(at, option, join(clone, "clients/typescript"));
  writeFileSync(join(at, "main.js"), `import { createPlinthClient } from "${name}"; console.log(typeof createPlinthClient);`);
  expect(run(at, "node", "main.js").trim()).toBe("function");
});

describe("types", () => {
  const examples = { ts: 12, tsx: 3 }; // at least so many in the READMEs

  test.each([
    { compiler: compilers[0], module: "node16", resolution: "node16", exact: true, at: "node16" },
    { compiler: compilers[1], module: "node16", resolution: "node16", exact: true, at: "node16-older" },
    { compiler: compilers[0], module: "esnext", resolution: "bundler", exact: false, at: "bundler" },
  ] as const)("examples of the READMEs compile in $at", ({ compiler, module, resolution, exact, at }) => {
    const files: Record<string, string> = {};
    for (const [kind, least] of Object.entries(examples)) {
      const blocks = readmes.map((text) => [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, "gm"))].map((match) => match[1]));
      expect(blocks.flat().length).toBeGreaterThanOrEqual(least);
      // Later blocks in TypeScript use what earlier ones declare; each one with JSX is a file.
      blocks.forEach((texts, i) => {
        const parts = kind === "ts" ? [texts.join("\n")] : texts;
        parts.forEach((text, part) => (files[`readme${i}${part}.${kind}`] = `export {};\n${text}`));
        if (!exact) return;
        for (const [file, text] of Object.entries(files)) if (text.includes("react-hook-form")) delete files[file];
      });
    }
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      jsx: "react-jsx",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: exact, // the types of React Hook Form do not support it
      noEmit: true,
    };
    run(program(at, { ...files, "tsconfig.json": JSON.stringify({ compilerOptions }) }), compiler, "-p", ".");
  });

  // Next.js configures moduleResolution node10 for projects without a tsconfig.json; TypeScript 7
  // no longer supports it.
  test("imports resolve with node10", () => {
    const imports = [name, ...modules.map((module) => `${name}/${module}`)].map((from, i) => `export * as part${i} from "${from}";\n`).join("");
    const text = `${imports}import { createPlinthClient } from "${name}";\ncreatePlinthClient({ baseUrl: "x" });\n`;
    const options = "--noEmit --strict --skipLibCheck --module esnext --moduleResolution node --target es2022".split(" ");
    run(program("node10", { "a.ts": text }), compilers[1], ...options, "a.ts");
  });
});

test("the package and its consumer share one TanStack Query", () => {
  const query = (from: string) => realpathSync(createRequire(from).resolve("@tanstack/react-query"));
  expect(query(join(folder, "node_modules", name, "dist/query.js"))).toBe(query(join(folder, "main.js")));
});

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: join(folder, "node_modules", name), strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("every module resolves, for every kind of import", async () => {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!result.types) throw new Error("the package has no types");
  // The package is an ES module, which CommonJS code imports with import() or, in newer versions of Node.js, require().
  expect(result.problems.filter(({ kind }) => kind !== "CJSResolvesToESM")).toEqual([]);
});

test("the tarball contains only the build, the manifest, the README and the licence", () => {
  const files = run(root, "tar", "-tzf", tarball).trim().split("\n").map((file) => file.replace(/^package\//, ""));
  const expected = /^(package\.json|README\.md|LICENSE|dist\/[^.]+(\.gen)?\.(js|d\.ts))$/;
  expect(files.filter((file) => !expected.test(file))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(["LICENSE", "README.md", ...["index", ...modules].flatMap((module) => [`dist/${module}.js`, `dist/${module}.d.ts`])]),
  );
});

test("a bundle with one operation is small", async () => {
  const one = await gzipped(`export { createPlinthClient, getCurrentUser } from "${name}"`);
  expect(one).toBeLessThanOrEqual(8 * 1024);
  expect(await gzipped(`export * from "${name}"`)).toBeGreaterThan(one); // unused operations are dropped
  const all = ["", ...modules.map((module) => `/${module}`)].map((module) => `import "${name}${module}";`);
  expect(await gzipped(all.join(""))).toBeLessThanOrEqual(40); // no side effects
});

test("a bundle has the schemas that it uses", async () => {
  const form = await gzipped(`export { zLoginUserBody, zodMessages } from "${name}/zod"`, []);
  expect(form).toBeLessThanOrEqual(8 * 1024); // with zod
  expect(await gzipped(`export * from "${name}/zod"`, [])).toBeGreaterThan(form + 1024);
});

async function gzipped(contents: string, external = ["@tanstack/react-query", "zod"]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external,
    logLevel: "error",
    logOverride: { "ignored-bare-import": "silent" },
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
