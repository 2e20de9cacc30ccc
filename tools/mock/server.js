// Serves the mock API of @plinth/client/testing on PORT (4010), for frontends on any port; DELAY is
// in milliseconds. Changes last until the server stops.
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { MockApi } from "@plinth/client/testing";

const api = new MockApi({ delay: Number(process.env.DELAY ?? 0) });

const server = createServer(async (message, response) => {
  const { origin = "*", "access-control-request-headers": allowed = "*" } = message.headers;
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-ID");
  if (message.method === "OPTIONS") {
    response.writeHead(204, { "Access-Control-Allow-Headers": allowed, "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE" });
    return response.end();
  }
  const answer = await api.respond(await toRequest(message));
  if (answer.type === "error") return message.destroy();
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  console.log(`${message.method} ${message.url} ${answer.status}`);
});

async function toRequest(message) {
  const { method, url, headers } = message;
  const body = ["GET", "HEAD"].includes(method) ? undefined : await buffer(message);
  return new Request(new URL(url, "http://localhost"), { method, headers, body });
}

server.listen(Number(process.env.PORT ?? 4010), "127.0.0.1", () => {
  console.log(`The mock API is listening on http://127.0.0.1:${server.address().port}`);
  for (const { email, password } of Object.values(api.personas)) console.log(`Sign in as ${email} with the password ${password}`);
});
