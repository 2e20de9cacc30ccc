import { execFileSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startAPI } from "../../tools/testapi/testapi.mjs";
import { serve } from "./static.mjs";

export const admin = { email: "admin@example.com", password: "an administrator of tests" };

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Starts the API, and the built app on another origin. Tests read their URLs from the environment.
 * Returns a function that stops both.
 */
export default async function servers() {
  if (process.env.APP_URL) return; // they run already
  const folder = at("../results-app");
  const app = await serve(folder, "127.0.0.1", 0);
  const appURL = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const api = await startAPI({ CORS_ORIGINS: appURL, RATE_LIMIT_ENABLED: "false", EMAIL_CHANGE: "immediate" });
  api.createAdmin(admin.email, admin.password);
  execFileSync(at("../../node_modules/.bin/vite"), ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"], {
    cwd: at("../../examples/web"),
    env: { ...process.env, VITE_API_URL: api.url },
    stdio: "inherit",
  });
  Object.assign(process.env, { API_URL: api.url, API_SECRET: api.secret, APP_URL: appURL });
  return async () => {
    app.close();
    app.closeAllConnections();
    await api.stop();
  };
}
