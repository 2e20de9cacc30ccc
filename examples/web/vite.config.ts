import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";

export default defineConfig(({ mode }) => {
  const api = loadEnv(mode, ".").VITE_API_URL ?? "http://127.0.0.1:8000";
  return {
    plugins: [react(), contentSecurityPolicy(api)],
    define: { "import.meta.env.VITE_API_URL": JSON.stringify(api) },
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 600 }, // KB, of which React and Mantine are most
    preview: { port: 5173, strictPort: true },
    server: { port: 5173, strictPort: true },
  };
});

/**
 * Puts the policy into the built page. Tokens are kept in localStorage, so no script but the app's own may run, and data
 * goes nowhere but to the API. A host that sends headers should send the same as one, with `frame-ancestors 'none'`.
 */
function contentSecurityPolicy(api: string): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${new URL(api).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return {
    name: "content-security-policy",
    apply: "build", // the development server injects scripts of its own
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
    ],
  };
}
