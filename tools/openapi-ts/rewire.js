// Runs after the generator, on its output:
//
// - Points imports to the hand-written parts of the package, which have the default client, the
//   real error types and the page parameters.
// - Makes each schema of zod.gen.ts a call without side effects, so that bundlers drop unused ones.
//
//   node rewire.js FOLDER
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const [folder] = process.argv.slice(2);
const source = resolve(import.meta.dirname, "../../clients/typescript/src");

/** Replaces text of a file. In the new text, {NAME} is the path of a module of the package. */
function rewrite(file, ...replacements) {
  const path = resolve(folder, file);
  let text = readFileSync(path, "utf8");
  for (const [from, to] of replacements) {
    if (text.search(from) < 0) throw new Error(`${file} does not contain ${from}`);
    text = text.replaceAll(from, to.replace(/\{(\w+)\}/, (_, name) => modulePath(path, name)));
  }
  writeFileSync(path, text);
}

function modulePath(from, name) {
  const path = relative(dirname(from), join(source, `${name}.js`));
  return path.startsWith(".") ? path : `./${path}`;
}

const client = [/import { client } from '\.\.?\/client\.gen\.js'/g, "import { client } from '{default}'"];
rmSync(join(folder, "client.gen.ts"));
rewrite("operations.gen.ts", [/\{mockrows\}/g, "{mockrows}"]);
rewrite("sdk.gen.ts", client);
rewrite(
  "client/types.gen.ts",
  [/^import type { Auth }/gm, "import type { ProblemError } from '{problems}';\n$&"],
  [/error: TError extends .*;/g, "error: [TError] extends [never] ? never : ProblemError;"],
);
rewrite("@tanstack/react-query.gen.ts", client, [/ from '@tanstack\/react-query'/g, " from '{tanstack}'"]);
rewrite("zod.gen.ts", [/^(export const z\w+ =) (z[.(][^]*?);$/gm, "$1 /* @__PURE__ */ (() => $2)();"]);
