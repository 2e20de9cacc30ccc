/// <reference types="vitest/config" />
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const client = at("../../clients/typescript/src/");

export default defineConfig(({ mode, command }) => {
  const api = loadEnv(mode, ".").VITE_API_URL ?? "http://127.0.0.1:8000";
  // The development server compiles the client from its sources, so that a change needs no build.
  const sources = command === "serve" && mode === "development";
  return {
    plugins: [
      react(),
      tailwindcss(),
      contentSecurityPolicy(api),
      budget("pages/visitors.tsx", 110 * 1024),
      fontLicense(),
      followContract(),
    ],
    resolve: {
      alias: [
        { find: /^@\//, replacement: at("src/") },
        ...(sources ? [{ find: /^@plinth\/client(\/(\w+))?$/, replacement: `${client}$2` }] : []),
      ],
    },
    define: { "import.meta.env.VITE_API_URL": JSON.stringify(api) },
    build: { assetsInlineLimit: 0 },
    preview: { port: 5173, strictPort: true },
    server: { port: 5173, strictPort: true },
    test: { environment: "happy-dom", setupFiles: "src/test/setup.ts", restoreMocks: true, testTimeout: 30_000 },
  };
});

/**
 * Writes the Content-Security-Policy into the built page. Tokens may be in localStorage, so only
 * the app's own scripts may run, and data may be sent only to the API. A host that can set headers
 * should send the same policy as a header, with `frame-ancestors 'none'`.
 */
function contentSecurityPolicy(api: string): Plugin {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
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

/** Fails the build if a page needs more JavaScript than `limit`, in bytes after gzip. */
function budget(page: string, limit: number): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const sizes = new Map<string, number>();
      const add = (name: string) => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || sizes.has(name)) return;
        sizes.set(name, gzipSync(chunk.code).length);
        chunk.imports.forEach(add);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        if (chunk.isEntry || chunk.facadeModuleId?.endsWith(page)) add(chunk.fileName);
      }
      const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      const text = `${page} needs ${(total / 1024).toFixed(1)} KB of JavaScript (gzip), of ${limit / 1024} KB`;
      if (total > limit) this.error(`${text}:\n${[...sizes].map(([name, size]) => `${size} ${name}`).join("\n")}`);
      console.log(text);
    },
  };
}

/** Copies the licence of the typeface beside the built app, as the licence requires. */
function fontLicense(): Plugin {
  return {
    name: "font-license",
    apply: "build",
    generateBundle() {
      const source = readFileSync(fileURLToPath(import.meta.resolve("@fontsource-variable/geist/LICENSE")), "utf8");
      this.emitFile({ type: "asset", fileName: "assets/geist-license.txt", source });
    },
  };
}

/** Regenerates the client when `make dev` has expanded a changed contract. */
function followContract(): Plugin {
  const contract = at("../../gen/apicontract/openapi.yaml");
  return {
    name: "follow-contract",
    apply: "serve",
    configureServer({ watcher, config: { logger } }) {
      watcher.add(contract);
      watcher.on("change", (path) => {
        if (path !== contract) return;
        execFile(at("../../scripts/generate-typescript.sh"), (error, stdout, stderr) => {
          if (error) logger.error(`generating the client failed:\n${stdout}${stderr}`, { timestamp: true });
          else logger.warn(`the contract has changed: ${stdout.trim()}`, { timestamp: true });
        });
      });
    },
  };
}
