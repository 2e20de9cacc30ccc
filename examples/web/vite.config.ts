import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";

export default defineConfig(({ mode }) => {
  const api = loadEnv(mode, ".").VITE_API_URL ?? "http://127.0.0.1:8000";
  return {
    plugins: [react(), contentSecurityPolicy(api)],
    define: { "import.meta.env.VITE_API_URL": JSON.stringify(api) },
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 600 }, // KB, mostly React and Mantine
    preview: { port: 5173, strictPort: true },
    server: { port: 5173, strictPort: true },
  };
});

/**
 * Writes the Content-Security-Policy into the built page. Tokens are in localStorage, so only the
 * app's own scripts may run, and data may be sent only to the API. A host that can set headers
 * should send the same policy as a header, with `frame-ancestors 'none'`.
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
    apply: "build", // the development server injects inline scripts
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
    ],
  };
}
