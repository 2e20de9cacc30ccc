import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startAPI } from "../../tools/testapi/testapi.mjs";

export const admin = { email: "admin@example.com", password: "an administrator of tests" };

const web = fileURLToPath(new URL("../../examples/web", import.meta.url));

/** Starts the API, and the built app on another origin. Tests read their URLs from the environment. */
export default async function servers() {
  const appURL = `http://127.0.0.1:${await freePort()}`;
  const api = await startAPI({ CORS_ORIGINS: appURL, RATE_LIMIT_ENABLED: "false" });
  api.createAdmin(admin.email, admin.password);
  const app = await startApp(appURL, api.url);
  Object.assign(process.env, { API_URL: api.url, API_SECRET: api.secret, APP_URL: appURL });
  return async () => {
    app.kill();
    await api.stop();
  };
}

async function startApp(url: string, api: string): Promise<ChildProcess> {
  const vite = fileURLToPath(new URL("../../node_modules/.bin/vite", import.meta.url));
  const folder = fileURLToPath(new URL("../results-app", import.meta.url));
  const env = { ...process.env, VITE_API_URL: api };
  execFileSync(vite, ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"], {
    cwd: web,
    env,
    stdio: "inherit",
  });
  const { hostname, port } = new URL(url);
  const app = spawn(vite, ["preview", "--outDir", folder, "--host", hostname, "--port", port], { cwd: web, env });
  process.once("exit", () => app.kill());
  await once(app.stdout, "data");
  return app;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
