import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { failure, newClient, proxied, signedIn } from "./support.js";

/** Answers the requests for events one after the other. */
async function streams(...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const server = createServer((request, response) => answers.shift()?.(response, request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return newClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const events = (...texts: string[]) => (response: ServerResponse) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  for (const text of texts) response.write(text);
};

async function all(stream: AsyncGenerator<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const event of stream) found.push(event);
  return found;
}

test("events are values, until the API ends them", async () => {
  const client = await streams((response) => {
    events('event: sale\nid: 1\ndata: {"a":1}\n\n: idle\n\n', "data: two\ndata: lines\n\n")(response);
    response.end();
  });
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await all(stream)).toEqual([{ a: 1 }, "two\nlines"]);
});

test("a connection that breaks is made again, from the last event on", async () => {
  let last: string | undefined;
  const client = await streams(
    (response) => {
      events("retry: 1\nid: 7\ndata: 1\n\n")(response);
      setImmediate(() => response.destroy());
    },
    (response, request) => {
      last = request.headers["last-event-id"] as string;
      events("data: 2\n\n")(response);
      response.end();
    },
  );
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await all(stream)).toEqual([1, 2]);
  expect(last).toBe("7");
});

test("a refusal ends the stream with its problem, at once", async () => {
  const client = await streams((response) =>
    response.writeHead(403, { "Content-Type": "application/problem+json" }).end(
      JSON.stringify({ code: "forbidden", status: 403, title: "Forbidden", detail: "No." }),
    ),
  );
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await failure(all(stream))).toMatchObject({ name: "ProblemError", code: "forbidden" });
});

test("204 means that there is nothing to wait for", async () => {
  const client = await streams((response) => response.writeHead(204).end());
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await all(stream)).toEqual([]);
});

test("the connection ends with the loop, and with the signal", async () => {
  for (const leave of ["break", "abort"]) {
    let closed: (() => void) | undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const client = await streams((response) => {
      response.on("close", () => closed?.());
      events("data: 1\n\n")(response);
    });
    const controller = new AbortController();
    const { stream } = await client.sse.get({ url: "/events", signal: controller.signal });
    for await (const _ of stream) {
      if (leave === "break") break;
      controller.abort();
    }
    await gone;
  }
});

test("the stream is asked for with the session's token", async () => {
  const proxy = await proxied();
  const { client } = await signedIn({ baseUrl: proxy.url });
  const security = [{ scheme: "bearer", type: "http" }] as const;
  const { stream } = await client.sse.get({ url: "/api/v1/users/unknown", security });
  // The API has no events; what it refuses is the path, not the caller.
  expect(await failure(all(stream))).toMatchObject({ code: expect.not.stringMatching("unauthenticated") });
});
