// Serves a built app as a host would: compressed, with the page for every address, and with headers
// that a page cannot set itself.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".woff2": "font/woff2",
};

/**
 * @param {string} folder
 * @param {string} hostname
 * @param {number} port 0 for any
 * @returns {Promise<import("node:http").Server>}
 */
export async function serve(folder, hostname, port) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = normalize(pathname);
    const isPage = extname(path) === "";
    try {
      const content = await readFile(join(folder, isPage ? "index.html" : path));
      const type = types[/** @type {keyof typeof types} */ (isPage ? ".html" : extname(path))];
      const isText = type !== "font/woff2";
      response.writeHead(200, {
        "Content-Type": type ?? "application/octet-stream",
        "Cache-Control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "frame-ancestors 'none'",
        ...(isText && { "Content-Encoding": "gzip" }),
      });
      response.end(isText ? gzipSync(content) : content);
    } catch {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("not found");
    }
  });
  await new Promise((resolve) => server.listen(port, hostname, () => resolve(undefined)));
  return server;
}
