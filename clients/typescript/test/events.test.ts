import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { failure, newClient, proxied, serve, signedIn } from "./support.js";

/** Returns a client of a stub that serves each request with the next of the responses. */
async function streams(...responses: ((response: ServerResponse, request: IncomingMessage) => void)[]) {
  const baseUrl = await serve((request, response) => responses.shift()?.(response, request));
  return newClient({ baseUrl });
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

test("events are parsed until the stream ends", async () => {
  const client = await streams((response) => {
    events('event: sale\nid: 1\ndata: {"a":1}\n\n: idle\n\n', "data: two\ndata: lines\n\n")(response);
    response.end();
  });
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await all(stream)).toEqual([{ a: 1 }, "two\nlines"]);
});

test("a broken connection is resumed after the last event", async () => {
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

test("an error response ends the stream with its problem, without retries", async () => {
  const client = await streams((response) =>
    response.writeHead(403, { "Content-Type": "application/problem+json" }).end(
      JSON.stringify({ code: "forbidden", status: 403, title: "Forbidden", detail: "No." }),
    ),
  );
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await failure(all(stream))).toMatchObject({ name: "ProblemError", code: "forbidden" });
});

test("204 ends the stream without events", async () => {
  const client = await streams((response) => response.writeHead(204).end());
  const { stream } = await client.sse.get({ url: "/events" });
  expect(await all(stream)).toEqual([]);
});

test("the connection is closed when the loop ends and when the signal aborts", async () => {
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

test("the request for a stream has the access token", async () => {
  const proxy = await proxied();
  const { client } = await signedIn({ baseUrl: proxy.url });
  const security = [{ scheme: "bearer", type: "http" }] as const;
  const { stream } = await client.sse.get({ url: "/api/v1/users/unknown", security });
  // The API has no events, so it rejects the path; it must not reject the token.
  expect(await failure(all(stream))).toMatchObject({ code: expect.not.stringMatching("unauthenticated") });
});
