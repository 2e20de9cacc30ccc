// Builds ../examples/ssr with the packed client outside of the repository, and visits it: requests must
// not share a session. make check-consumers runs it.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startAPI } from "../../../tools/testapi/testapi.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const password = "correct horse battery staple";
const started = Date.now();
const folder = mkdtempSync(join(tmpdir(), "consumer-ssr-"));
let api;
let app;
let log = "";

function expect(what, actual, wanted) {
  const isSame = wanted instanceof RegExp ? wanted.test(actual) : actual === wanted;
  if (!isSame) throw new Error(`ssr: ${what}: got ${JSON.stringify(actual).slice(0, 1000)}, want ${wanted}`);
}

function install() {
  const built = /^(node_modules|build|package-lock\.json|\.react-router)$/;
  const source = join(root, "clients/typescript/examples/ssr");
  cpSync(source, folder, { recursive: true, filter: (path) => !built.test(path.slice(source.length + 1)) });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  manifest.dependencies["@plinth/client"] = `file:${join(root, "bin/client.tgz")}`;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const run = (...args) => execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  run("install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
  run("run", "build", "--loglevel=error");
}

/** Starts the example on a free port, and returns its URL. */
async function start() {
  const probe = createServer();
  const port = await new Promise((resolve) => probe.listen(0, "127.0.0.1", () => resolve(probe.address().port)));
  await new Promise((resolve) => probe.close(resolve));
  const env = { ...process.env, HOST: "127.0.0.1", PORT: String(port), NODE_ENV: "production", API_URL: api.url };
  app = spawn("node", ["node_modules/.bin/react-router-serve", "build/server/index.js"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  app.stderr.on("data", (part) => (log += part)); // also has what React Router refuses
  await new Promise((resolve, reject) => {
    app.stdout.once("data", resolve);
    app.once("exit", (code) => reject(new Error(`ssr: the server exited with ${code}:\n${log}`)));
  });
  app.stdout.resume();
  return `http://127.0.0.1:${port}`;
}

/** A browser with its cookies. */
class Visitor {
  cookies = new Map();
  constructor(url, email) {
    Object.assign(this, { url, email, browser: `Browser of ${email.split("@")[0]}` });
  }

  async request(path, form, origin = this.url) {
    const headers = { "User-Agent": this.browser, Cookie: [...this.cookies].map((pair) => pair.join("=")).join("; ") };
    const init = form ? { method: "POST", body: new URLSearchParams(form), headers: { ...headers, Origin: origin } } : { headers };
    const response = await fetch(this.url + path, { ...init, redirect: "manual" });
    this.received = response.headers.getSetCookie();
    for (const line of this.received) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: response.status, to: response.headers.get("Location"), text: await response.text() };
  }

  signIn() {
    return this.request("/sign-in", { email: this.email, password });
  }

  /** Changes the tokens in the cookie. */
  change(change) {
    const text = Buffer.from(decodeURIComponent(this.cookies.get("__Host-session")), "base64").toString();
    this.cookies.set("__Host-session", encodeURIComponent(Buffer.from(JSON.stringify(change(JSON.parse(text)))).toString("base64")));
  }
}

async function register(url, email) {
  const body = JSON.stringify({ email, password });
  const response = await fetch(`${api.url}/api/v1/auth/register`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  expect("registering", response.status, 201);
  return new Visitor(url, email);
}

async function visit(url) {
  const [ada, bob] = await Promise.all(["ada@example.com", "bob@example.com"].map((email) => register(url, email)));

  expect("a visitor", (await ada.request("/")).to, "/sign-in");
  expect("another password", (await ada.request("/sign-in", { email: ada.email, password: "another one" })).text, /role="alert">No active account has/);
  expect("signing in", (await ada.signIn()).to, "/");
  for (const line of ada.received) expect("a cookie", line, /^__Host-(session|device)=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect("a new visitor", (await bob.request("/")).to, "/sign-in"); // the server has kept nothing
  expect("signing in", (await bob.signIn()).to, "/");

  for (const visitor of [ada, bob]) visitor.change((tokens) => ({ ...tokens, expires_at: 0 })); // half of the requests renew
  const pages = await Promise.all([ada, bob, ada, bob, ada, bob].map(async (visitor) => [visitor, await visitor.request("/")]));
  for (const [{ email, browser }, { text }] of pages) {
    expect("a page", text, new RegExp(`<h1>${email}</h1>`));
    expect("the sessions", text, new RegExp(`<li>${browser}</li>`));
  }
  expect("the page with renewed tokens", (await ada.request("/")).text, /<h1>ada@/);
  expect("renewed twice", ada.received.length, 0);

  expect("a form of another page", (await ada.request("/?index", {}, "http://127.0.0.1:1")).status, 400);
  expect("the session after it", (await ada.request("/")).status, 200);

  const stolen = new Map(ada.cookies);
  expect("signing out", (await ada.request("/?index", {})).to, "/sign-in");
  expect("the cookie after it", ada.cookies.has("__Host-session"), false);
  ada.cookies = stolen;
  ada.change((tokens) => ({ ...tokens, expires_at: 0 }));
  expect("a revoked session", (await ada.request("/")).to, "/sign-in");
  expect("its cookie", ada.cookies.has("__Host-session"), false);
  bob.change(() => ({ access_token: 1 }));
  expect("a cookie of another release", (await bob.request("/")).to, "/sign-in");
}

try {
  install();
  api = await startAPI({ RATE_LIMIT_ENABLED: "false", REFRESH_GRACE_SECONDS: "60" }); // a busy machine is late
  await visit(await start());
  console.log(`ssr: ok (${Math.round((Date.now() - started) / 1000)} s)`);
} finally {
  app?.kill();
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
}
