import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { createPlinthClient, getCurrentUser, getHealth, isProblem } from "../src/index.js";
import { listAuditEvents } from "../src/index.js"; // scaffold:only audit
import { failure, newClient, serve } from "./support.js";

/** Returns a client of a stub API. */
async function clientOf(handler: RequestListener) {
  const baseUrl = await serve((request, response) => {
    response.setHeader("X-Request-ID", "x");
    handler(request, response);
  });
  return newClient({ baseUrl });
}

const clientOfResponse = (type: string | undefined, body: string | Buffer, status = 200) =>
  clientOf((_request, response) => response.writeHead(status, type ? { "Content-Type": type } : {}).end(body));

const pdf = Buffer.from([37, 80, 68, 70, 255]);

describe("response parsing by media type", () => {
  test.each([
    ["application/json", '{"a":1}', { a: 1 }],
    ["application/vnd.shop+json; charset=utf-8", "[1]", [1]],
    ["application/json", '"text"', "text"],
    [undefined, '{"a":1}', { a: 1 }],
    ["text/csv", "a,b\n1,2\n", "a,b\n1,2\n"],
    ["text/csv; header=present", "", ""],
    ["TEXT/Plain; charset=utf-8", '{"a":1}', '{"a":1}'],
    ["text/html", "<h1>Ada</h1>", "<h1>Ada</h1>"],
    ["application/x-ndjson", '{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":2}\n'],
    ["application/atom+xml", "<feed/>", "<feed/>"],
  ])("%s: %s", async (type, body, want) => {
    const client = await clientOfResponse(type, body);
    expect((await client.get({ url: "/export" })).data).toEqual(want);
  });

  test.each(["application/pdf", "image/png", "image/svg+xml", "application/octet-stream", "font/woff2", "model/stl"])(
    "%s: a Blob",
    async (type) => {
      const client = await clientOfResponse(type, pdf);
      const data = (await client.get({ url: "/file" })).data as Blob;
      expect(data).toBeInstanceOf(Blob);
      expect(Buffer.from(await data.arrayBuffer())).toEqual(pdf);
    },
  );

  test("parseAs overrides the media type", async () => {
    const client = await clientOfResponse("text/csv", "1,2");
    const { data } = await client.get({ url: "/export", parseAs: "stream" });
    expect(await new Response(data as ReadableStream).text()).toBe("1,2");
  });

  test("202 without a body", async () => {
    const client = await clientOf((_request, response) => response.writeHead(202, { Location: "/exports/1" }).end());
    const { data, response } = await client.post({ url: "/exports" });
    expect([data, response?.status, response?.headers.get("Location")]).toEqual([{}, 202, "/exports/1"]);
  });
});

describe("retries", () => {
  /** Returns a client of an API that is busy at first, and the methods of the requests that it got. */
  async function busy(retries: number) {
    const seen: string[] = [];
    const baseUrl = await serve((request, response) => {
      seen.push(String(request.method));
      if (seen.length > 2) return void response.writeHead(204).end();
      response.writeHead(503, { "Retry-After": "0", "Content-Type": "application/problem+json" });
      response.end(JSON.stringify({ code: "overloaded", status: 503, title: "Busy" }));
    });
    return { client: newClient({ baseUrl, retries }), seen };
  }

  test("repeat idempotent requests", async () => {
    const { client, seen } = await busy(2);
    expect((await client.put({ url: "/a", body: new Blob(["a"]), bodySerializer: null })).response?.status).toBe(204);
    expect(seen).toEqual(["PUT", "PUT", "PUT"]);
  });

  test("are limited, and repeat no other requests", async () => {
    const { client, seen } = await busy(1);
    expect(await failure(client.get({ url: "/a" }))).toMatchObject({ code: "overloaded" });
    expect(await failure((await busy(2)).client.post({ url: "/a" }))).toMatchObject({ code: "overloaded" });
    expect(seen).toEqual(["GET", "GET"]);
  });

  test("end when the call is aborted", async () => {
    const client = newClient({ baseUrl: "http://127.0.0.1:1", retries: 5 });
    expect(await failure(getHealth({ client, signal: AbortSignal.timeout(50) }))).toMatchObject({ name: "TimeoutError" });
  });
});

test("interceptors see every request and response", async () => {
  const client = await clientOf((request, response) => response.writeHead(200).end(JSON.stringify(request.headers["x-app"])));
  const seen: number[] = [];
  client.interceptors.request.use((request) => (request.headers.set("X-App", "shop"), request));
  client.interceptors.response.use((response) => (seen.push(response.status), response));
  expect((await client.get({ url: "/a" })).data).toBe("shop");
  expect(seen).toEqual([200]);
});

describe("redirects", () => {
  const redirecting = () =>
    clientOf((request, response) => {
      if (request.url === "/new") response.writeHead(200, { "Content-Type": "text/plain" }).end("here");
      else response.writeHead(303, { Location: "/new" }).end();
    });

  test("are followed", async () => {
    const client = await redirecting();
    expect((await client.get({ url: "/old" })).data).toBe("here");
  });

  test("are returned with redirect: manual", async () => {
    const client = await redirecting();
    const { data, response } = await client.get({ url: "/old", redirect: "manual" });
    expect([data, response?.status, response?.headers.get("Location")]).toEqual([undefined, 303, "/new"]);
    expect(await client.get({ url: "/old", redirect: "manual", responseStyle: "data" })).toBeUndefined();
  });

  test("304 Not Modified is not an error", async () => {
    const client = await clientOf((_request, response) => response.writeHead(304, { ETag: '"1"' }).end());
    const { data, response } = await getCurrentUser({ client, headers: { "If-None-Match": '"1"' } as never });
    expect([data, response.status, response.headers.get("ETag")]).toEqual([undefined, 304, '"1"']);
  });
});

describe("uploads", () => {
  test("send files and forms", async () => {
    const seen: string[] = [];
    const client = await clientOf((request, response) => {
      request.setEncoding("latin1").on("data", (part) => seen.push(part));
      request.on("end", () => response.writeHead(204).end());
    });
    const form = new FormData();
    form.append("note", "a note");
    form.append("file", new Blob([pdf], { type: "application/pdf" }), "a.pdf");
    await client.post({ url: "/files", body: form, bodySerializer: null });
    expect(seen.join("")).toMatch(/name="note"\r\n\r\na note\r\n[^]*filename="a.pdf"\r\nContent-Type: application\/pdf/);
    seen.length = 0;
    await client.put({ url: "/file", body: new Blob([pdf]), bodySerializer: null });
    expect(Buffer.from(seen.join(""), "latin1")).toEqual(pdf);
  });
});

describe("responses of a newer API", () => {
  test("may have unknown codes, types, roles and members", async () => {
    const client = await clientOf((request, response) => {
      const json = (status: number, body: object) =>
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
      if (request.url === "/api/v1/users/me") json(200, { id: "1", role: "auditor", badge: { color: "red" } });
      else if (request.url === "/health") json(409, { code: "moon_is_full", status: 409, title: "Full", detail: "", moon: 1 });
      else json(200, { items: [{ type: "authn_passkey_added", device: "key" }], next_cursor: null });
    });
    expect((await getCurrentUser({ client })).data).toMatchObject({ role: "auditor", badge: { color: "red" } });
    expect((await listAuditEvents({ client })).data.items[0]).toMatchObject({ type: "authn_passkey_added" }); // scaffold:only audit
    expect(await failure(getHealth({ client }))).toMatchObject({ name: "ProblemError", code: "moon_is_full", status: 409 });
  });
});

describe("relative base URL outside of a page", () => {
  test.each(["", "/backend", "api.example.com"])("throws an explanation: %j", async (baseUrl) => {
    const client = createPlinthClient({ baseUrl });
    const wants = { name: "TypeError", message: expect.stringContaining(`baseUrl is ${JSON.stringify(baseUrl)}`) };
    expect(await failure(getHealth({ client }))).toMatchObject(wants);
    expect(await failure(getHealth({ client, throwOnError: false }))).toMatchObject(wants);
    expect(isProblem(await failure(client.sse.get({ url: "/events" })))).toBe(false);
  });
});
