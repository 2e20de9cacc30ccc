import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startAPI } from "../../tools/testapi/testapi.mjs";
import { serve } from "./static.mjs";

export const admin = { email: "admin@example.com", password: "an administrator of tests" };

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Starts the API, and the built app on other origins, once for each storage of tokens. Tests read
 * their URLs from the environment. Returns a function that stops all.
 */
export default async function servers() {
  if (process.env.APP_URL) return; // they run already
  const apps = await Promise.all([at("../results-app"), at("../results-app-cookie")].map(startApp));
  const [app, cookieApp] = apps as [App, App];
  const api = await startAPI({
    APP_URL: app.url,
    CORS_ORIGINS: `${app.url},${cookieApp.url}`,
    RATE_LIMIT_ENABLED: "false",
    TOKEN_COOKIES_ENABLED: "true",
    REFRESH_GRACE_SECONDS: "60", // a busy machine may need seconds between renewals of two tabs
  });
  api.createAdmin(admin.email, admin.password);
  await Promise.all([build(app.folder, api.url), build(cookieApp.folder, api.url, { VITE_TOKEN_STORAGE: "cookie" })]);
  Object.assign(process.env, { API_URL: api.url, API_SECRET: api.secret, APP_URL: app.url, COOKIE_APP_URL: cookieApp.url });
  return async () => {
    for (const { server } of apps) {
      server.close();
      server.closeAllConnections();
    }
    await api.stop();
  };
}

type App = Awaited<ReturnType<typeof startApp>>;

async function startApp(folder: string) {
  const server = await serve(folder, "127.0.0.1", 0);
  return { folder, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function build(folder: string, apiURL: string, variables = {}) {
  const arguments_ = ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"];
  const env = { ...process.env, VITE_API_URL: apiURL, ...variables };
  const { stdout, stderr } = await promisify(execFile)(at("../../node_modules/.bin/vite"), arguments_, { cwd: at("../../examples/web"), env });
  process.stdout.write(stdout + stderr);
}
