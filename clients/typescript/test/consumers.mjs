// Installs the packed client in empty projects, as other repositories do, and type-checks and runs a
// program that imports each of its modules: make check-consumers. Arguments name the package managers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { name, devDependencies: tested } = JSON.parse(readFileSync(join(root, "clients/typescript/package.json"), "utf8"));
const tarball = join(root, "bin/client.tgz");
const tools = { pnpm: "pnpm@10.34.9", yarn: "@yarnpkg/cli-dist@4.18.1", node22: `node-${process.platform}-${process.arch}@22.23.5` };

const program = `
import { QueryClient } from "@tanstack/react-query";
import { inMemory, listUsers, paginate, type User } from "${name}";
import { listUsersOptions } from "${name}/query";
import { MockApi } from "${name}/testing";
import { zLoginUserBody } from "${name}/zod";

const api = new MockApi({ size: 25 });
const client = api.client("admin");
const users: User[] = [];
for await (const user of paginate(listUsers, { client })) users.push(user);
const page = await new QueryClient().fetchQuery(listUsersOptions({ client }));
console.log(users.length, page.items.length, zLoginUserBody.safeParse({ email: "ada@example.com" }).success, typeof inMemory);
`;

const page = `
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { renderToString } from "react-dom/server";
import { inLocalStorage } from "${name}";
import { listUsersOptions } from "${name}/query";
import { MockApi } from "${name}/testing";

const api = new MockApi();
const options = listUsersOptions({ client: api.client("admin"), query: { role: "admin" } });
const Users = () => useQuery(options).data?.items.map(({ id, email }) => <p key={id}>{email}</p>);
const queryClient = new QueryClient(); // one for each request
await queryClient.prefetchQuery(options);
console.log(renderToString(<QueryClientProvider client={queryClient}><Users /></QueryClientProvider>));
try {
  await inLocalStorage().set(api.tokens("user"));
} catch (error) {
  console.log((error as Error).message);
}
`;

const wanted = process.argv.slice(2);
let folder;

const run = (command, ...args) => execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const exec = (tool, ...args) => run("npm", "exec", "--yes", `--package=${tools[tool] ?? tool}`, "--", ...args);

function expect(what, actual, wanted) {
  if (!actual.includes(wanted)) throw new Error(`${what}: got ${JSON.stringify(actual)}, want ${JSON.stringify(wanted)}`);
}

function write(files) {
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
  }
}

function consumer(manager, install, extra = {}) {
  if (wanted.length > 0 && !wanted.includes(manager)) return;
  const started = Date.now();
  folder = mkdtempSync(join(tmpdir(), `consumer-${manager}-`));
  try {
    const versions = Object.fromEntries(["@tanstack/react-query", "@types/react", "react", "zod"].map((each) => [each, tested[each]]));
    const dependencies = { [name]: `file:${tarball}`, ...versions, typescript: "5.9.3", ...extra };
    write({ "package.json": { name: "consumer", private: true, type: "module", dependencies }, "main.ts": program });
    install();
    expectOneQueryCopy();
    for (const [module, resolution] of [["node16", "node16"], ["esnext", "bundler"]]) checkTypes("main.ts", module, resolution);
    expect("the program", run("node", "main.js"), "25 20 false function");
    if (extra.vite) checkBundles();
    console.log(`${manager}: ok (${Math.round((Date.now() - started) / 1000)} s)`);
  } catch (error) {
    throw new Error(`${manager}: ${error.message}\n${error.stdout ?? ""}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkTypes(file, module, moduleResolution) {
  const compilerOptions = { module, moduleResolution, target: "es2022", lib: ["es2022", "dom", "dom.iterable"], jsx: "react-jsx", strict: true, types: [] };
  write({ "tsconfig.json": { compilerOptions, files: [file] } });
  run("node", "node_modules/typescript/bin/tsc", "-p", ".");
}

function expectOneQueryCopy() {
  const files = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
  const manifests = files.filter((file) => file.endsWith(join("@tanstack", "query-core", "package.json")));
  const copies = new Set(manifests.map((file) => realpathSync(join(folder, "node_modules", file))));
  if (copies.size !== 1) throw new Error(`not one copy of TanStack Query: ${[...copies].join(", ")}`);
}

/** The same program bundled by Vite, a page rendered on a server, and the program in another Node.js. */
function checkBundles() {
  write({ "page.tsx": page });
  run("node", "node_modules/vite/bin/vite.js", "build", "--ssr", "page.tsx", "--outDir", "server", "--logLevel", "error");
  const html = run("node", "server/page.js");
  expect("the page", html, "<p>admin@example.com</p>");
  expect("the page", html, "inLocalStorage() cannot keep a session on a server");
  run("node", "node_modules/vite/bin/vite.js", "build", "--ssr", "main.ts", "--outDir", "bundled", "--logLevel", "error");
  expect("the bundle", run("node", "bundled/main.js"), "25 20 false function");
  expect("Node.js 22", exec("node22", "node", "main.js"), "25 20 false function");
}

consumer("npm", () => run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"), {
  "react-dom": tested.react,
  vite: "8.3.8",
});
consumer("pnpm", () => exec("pnpm", "pnpm", "install", "--strict-peer-dependencies", "--prefer-offline", "--config.node-linker=isolated"));
consumer("yarn", () => {
  write({ "yarn.lock": "", ".yarnrc.yml": "nodeLinker: node-modules\nenableTelemetry: false\nenableImmutableInstalls: false\n" });
  exec("yarn", "yarn", "install");
});
