// Starts the API of this checkout for JavaScript tests: on a free port, with its own database,
// folder and secrets. It must not depend on any test.
import { execFileSync, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = (/** @type {string} */ name) => join(root, "bin", name);

/**
 * @typedef {object} API
 * @property {string} url
 * @property {string} secret signs its access tokens
 * @property {(email: string, password: string) => void} createAdmin
 * @property {() => string} log its log so far
 * @property {() => Promise<void>} stop stops it and removes its files
 */

/**
 * Builds and starts the API.
 * @param {Record<string, string>} [settings] see .env.example
 * @returns {Promise<API>}
 */
export async function startAPI(settings = {}) {
  execFileSync("go", ["build", "-buildvcs=false", "-o", "bin/", "./cmd/dev", "./cmd/admin"], {
    cwd: root,
    stdio: "inherit",
  });
  const folder = mkdtempSync(join(tmpdir(), "testapi-"));
  chmodSync(folder, 0o755); // if run by root, the database server runs as another user
  const secret = randomBytes(32).toString("hex");
  const env = {
    ...process.env,
    DATABASE_URL: "", // ignore a database of the environment
    HOST: "127.0.0.1",
    PORT: "0",
    JWT_SECRET: secret,
    PASSWORD_HASH_MEMORY_KIB: "64", // cheap hashing
    PASSWORD_HASH_ITERATIONS: "1",
    ...settings,
  };
  const server = spawn(program("dev"), { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const end = () => server.kill("SIGTERM");
  process.once("exit", end);
  let log = "";
  server.stderr.on("data", (part) => (log += part));

  const url = await new Promise((resolve, reject) => {
    ended.then((code) => reject(new Error(`the API exited with ${code}:\n${log}`)));
    createInterface(server.stdout).on("line", (line) => {
      const address = line.match(/^ *API +(http:\S+)/);
      if (address) resolve(address[1]);
    });
  });
  return {
    url,
    secret,
    createAdmin: (email, password) => {
      execFileSync(program("dev"), ["exec", program("admin"), "create", email], {
        cwd: folder,
        env,
        input: `${password}\n`,
      });
    },
    log: () => log,
    stop: async () => {
      process.off("exit", end);
      end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Returns the access token with its times a day earlier, so that it is expired but otherwise valid.
 * @param {string} token
 * @param {string} secret
 */
export function expired(token, secret) {
  const [header, payload] = token.split(".");
  const claims = JSON.parse(Buffer.from(String(payload), "base64url").toString());
  for (const time of ["exp", "iat", "nbf"]) if (claims[time]) claims[time] -= 24 * 3600;
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
