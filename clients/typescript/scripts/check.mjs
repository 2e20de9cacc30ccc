// Checks the packed package: its files, the bundle size of one operation, and the types of the
// READMEs' examples.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
const { name } = JSON.parse(readFileSync("package.json", "utf8"));
const limit = 8 * 1024;

const size = await gzipped(`export { createPlinthClient, getCurrentUser } from "${name}"`);
console.log(`size: a client with one operation is ${size} bytes (gzip) of at most ${limit}`);
if (size > limit) fail("the bundle is larger than the limit");
const all = await gzipped(`export * from "${name}"`);
if (all <= size) fail("unused operations are not tree-shaken");
if ((await gzipped(`import "${name}"; import "${name}/query"`)) > 40) fail("an import has side effects");

const [pack] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { encoding: "utf8" }),
);
const files = pack.files.map(({ path }) => path);
const wanted = /^(package\.json|README\.md|LICENSE|dist\/[^.]+(\.gen)?\.(js|d\.ts))$/;
const unexpected = files.filter((path) => !wanted.test(path));
if (unexpected.length > 0) fail(`the package contains unexpected files: ${unexpected}`);
for (const path of ["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts", "dist/query.js", "dist/query.d.ts"]) {
  if (!files.includes(path)) fail(`the package does not contain ${path}`);
}
console.log(`pack: ${files.length} files, ${pack.size} bytes`);

const examples = mkdtempSync("examples-");
process.on("exit", () => rmSync(examples, { recursive: true }));
const text = ["README.md", "../../README.md"].map((file) => readFileSync(file, "utf8"));
const count = text.map((markdown, i) => writeExamples(markdown, join(examples, `readme${i}`)));
if (count[0] < 8 || count[1] < 1) fail(`the READMEs have too few examples: ${count}`);
writeFileSync(
  join(examples, "tsconfig.json"),
  JSON.stringify({
    extends: "../tsconfig.json",
    compilerOptions: { jsx: "react-jsx", skipLibCheck: false, allowJs: false, noUnusedLocals: false },
    include: ["."],
  }),
);
// The package's compiler, and the older one of the generator.
for (const compiler of ["node_modules", "../../tools/openapi-ts/node_modules"]) {
  execFileSync(`${compiler}/.bin/tsc`, ["-p", examples], { stdio: "inherit" });
}
console.log(`examples: ${count[0] + count[1]} type-check`);

// Next.js configures moduleResolution node10 for projects without a tsconfig.json; TypeScript 7 no
// longer supports it.
const old = join(examples, "node10");
mkdirSync(dirname(join(old, "node_modules", name)), { recursive: true });
symlinkSync(resolve("."), join(old, "node_modules", name));
const imports = [name, `${name}/query`].map((from, i) => `export * as part${i} from "${from}";\n`);
writeFileSync(join(old, "a.ts"), `${imports.join("")}import { createPlinthClient } from "${name}";\ncreatePlinthClient({ baseUrl: "x" });\n`);
const options = "--noEmit --strict --skipLibCheck --module esnext --moduleResolution node --target es2022".split(" ");
execFileSync("../../tools/openapi-ts/node_modules/.bin/tsc", [...options, join(old, "a.ts")], { stdio: "inherit" });
console.log("types: found with moduleResolution node10");

async function gzipped(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: "." },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["@tanstack/react-query"],
    logLevel: "error",
    logOverride: { "ignored-bare-import": "silent" },
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** Writes the examples of a README to one module per language and returns their number. */
function writeExamples(markdown, path) {
  let count = 0;
  for (const kind of ["ts", "tsx"]) {
    const blocks = [...markdown.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, "gm"))].map((match) => match[1]);
    if (blocks.length > 0) writeFileSync(`${path}.${kind}`, `export {};\n${blocks.join("\n")}`);
    count += blocks.length;
  }
  return count;
}

function fail(reason) {
  console.error(`${name}: ${reason}`);
  process.exit(1);
}
