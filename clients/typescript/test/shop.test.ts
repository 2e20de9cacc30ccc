import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlinthClient, inMemory, isProblem, urlSearchParamsBodySerializer, type PlinthClient } from "../src/index.js";
import { failure } from "./support.js";
import * as shop from "./shop/sdk.gen.js";
import type { Cart, Product, ProductWritable } from "./shop/types.gen.js";

// The contract of the shop uses every supported feature. Its operations are generated like those of
// the API and called through the package's client.

const root = fileURLToPath(new URL("../../..", import.meta.url));
let server: ChildProcess;
let user: PlinthClient;
let admin: PlinthClient;
let anonymous: PlinthClient;

beforeAll(async () => {
  const program = join(root, "bin/shop");
  execFileSync("go", ["build", "-buildvcs=false", "-o", program, "./internal/shop/cmd/shop"], { cwd: join(root, "kit"), stdio: "inherit" });
  server = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => createInterface(server.stdout!).once("line", resolve));
  const { url, ...tokens } = JSON.parse(line) as { url: string; user: string; admin: string };
  const clientOf = async (access_token?: string) => {
    const storage = inMemory();
    if (access_token) await storage.set({ session: "shop", access_token, refresh_token: "", expires_at: Date.now() + 600_000 });
    return createPlinthClient({ baseUrl: url, storage });
  };
  [user, admin, anonymous] = await Promise.all([clientOf(tokens.user), clientOf(tokens.admin), clientOf()]);
}, 300_000);

afterAll(async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.stdin!.end();
  await ended;
});

const id = "0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e";
const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 255]);

async function newProduct(): Promise<Product> {
  const body: ProductWritable = {
    name: "Shirt", price: { amount: "12.50", currency: "EUR" }, state: "active", description: null, attributes: { fit: "slim" },
  };
  return (await shop.createProduct({ client: user, body })).data;
}

async function upload(path: { id: string }) {
  const file = new File([png], "front.png", { type: "image/png" });
  return shop.uploadImage({ client: user, path, body: { file, meta: { width: 3, height: 4 }, caption: "From the front" } });
}

describe("parameters", () => {
  test("of every style in the query and in headers", async () => {
    const { data } = await shop.listProducts({
      client: anonymous,
      query: {
        tag: ["a b", "c,d"], ids: [id], states: ["active", "sold_out"], sizes: [38, 40], filter: { name: "shirt", in_stock: true },
        paging: { limit: 10 }, made: { from: "2026-01-02", to: "2026-02-03" }, near: JSON.stringify({ lat: 52.5, lon: 13.4 }),
        since: "2026-01-02T03:04:05Z",
      },
      headers: { "X-Tenant-ID": id, "X-Features": ["fast", "new"] },
    });
    expect(data).toEqual({
      tag: ["a b", "c,d"], ids: [id], states: ["active", "sold_out"], sizes: [38, 40], filter: { name: "shirt", in_stock: true },
      limit: 10, from: "2026-01-02", to: "2026-02-03", lat: 52.5, lon: 13.4, since: "2026-01-02T03:04:05Z", tenant: id,
      features: ["fast", "new"], items: [],
    });
  });

  test("in cookies", async () => {
    const { data } = await shop.listProducts({ client: anonymous, headers: { Cookie: "theme=dark" } as never });
    expect(data.theme).toBe("dark");
  });

  test("of every style in the path", async () => {
    const path = { color: { hue: "red", tone: "dark" }, sizes: [38, 40], codes: ["ab", "cd"] } as const;
    const { data } = await shop.getSwatch({ client: anonymous, path: { ...path, sizes: [...path.sizes], codes: [...path.codes] } });
    expect(data).toEqual({ hue: "red", tone: "dark", sizes: [38, 40], codes: ["ab", "cd"] });
  });
});

describe("bodies", () => {
  test("of objects, lists and numbers, and absent", async () => {
    const product = await newProduct();
    const path = { id: product.id };
    expect((await shop.getProduct({ client: anonymous, path })).data).toEqual(product);
    expect((await shop.replaceProductTags({ client: user, path, body: ["blue", "linen, light"] })).data).toEqual(["blue", "linen, light"]);
    expect((await shop.setProductStock({ client: user, path, body: 0 })).data).toBe(0);
    expect((await shop.countProductView({ client: anonymous, path })).response.status).toBe(204);
    const body = { referrer: "https://example.com/" };
    expect((await shop.countProductView({ client: anonymous, path, body })).response.status).toBe(204);
  });

  test("of maps, allOf, oneOf and null", async () => {
    const cart: Cart = {
      name: "Ada", lines: [{ product: id, quantity: 2, wishes: ["blue", null] }], vouchers: { SPRING: 2 },
      payment: { kind: "card", last4: "4242" }, delivery: { locker: 7 },
    };
    const body = { ...cart, note: null, gift: null }; // which the shop treats as absent
    expect((await shop.putCart({ client: user, path: { id }, body })).data).toEqual(cart);
    expect((await shop.getCart({ client: user, path: { id } })).data).toEqual(cart);
  });

  test("of every format", async () => {
    const body = { date: "2026-01-02", date_time: "2026-01-02T03:04:05Z", uuid: id, int64: 9007199254740991, double: 0.5, nullable_date: "2026-01-02" };
    expect((await shop.checkFormats({ client: anonymous, body })).data).toEqual(body);
  });

  test("of one operation as JSON or as a form", async () => {
    const body = { subject: "Hello & more", priority: 2, urgent: true };
    expect((await shop.sendMessage({ client: anonymous, body })).data).toEqual(body);
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await shop.sendMessage({ client: anonymous, body, headers, ...urlSearchParamsBodySerializer })).data).toEqual(body);
  });

  test("of text, and responses of text or JSON", async () => {
    const path = { id: (await newProduct()).id };
    await shop.replaceProductNotes({ client: admin, path, body: "Wash at 30 degrees.\nDo not iron." });
    expect((await shop.getProductNotes({ client: anonymous, path })).data).toBe("Wash at 30 degrees.\nDo not iron.");
    expect((await shop.getProductNotes({ client: anonymous, path, query: { format: "json" } })).data).toEqual({
      notes: "Wash at 30 degrees.\nDo not iron.",
    });
    expect(isProblem(await failure(shop.replaceProductNotes({ client: user, path, body: "No." })), "forbidden")).toBe(true);
  });
});

describe("files", () => {
  test("are uploaded in a form and downloaded whole, in ranges and conditionally", async () => {
    const { data: image, response } = await upload({ id: (await newProduct()).id });
    expect(image).toMatchObject({ size: png.length, media_type: "image/png", caption: "From the front" });
    expect(response.headers.get("Location")).toBe(`/api/v1/images/${image.id}`);

    const path = { id: image.id };
    const whole = await shop.downloadImage({ client: anonymous, path });
    expect(whole.data.type).toBe("image/png");
    expect(new Uint8Array(await whole.data.arrayBuffer())).toEqual(png);
    expect(whole.response.headers.get("Content-Disposition")).toContain("shirt.png");

    const part = await shop.downloadImage({ client: anonymous, path, headers: { Range: "bytes=1-3" } });
    expect([part.response.status, await part.data.text()]).toEqual([206, "PNG"]);

    const headers = { "If-None-Match": whole.response.headers.get("ETag") ?? "" };
    const same = await shop.downloadImage({ client: anonymous, path, headers });
    expect([same.response.status, same.data]).toEqual([304, undefined]);
  });

  test("are uploaded as raw bytes", async () => {
    const { data: image } = await upload({ id: (await newProduct()).id });
    await shop.replaceImage({ client: user, path: { id: image.id }, body: new Blob(["other"]) });
    expect(await (await shop.downloadImage({ client: anonymous, path: { id: image.id } })).data.text()).toBe("other");
  });
});

test("a long operation is polled and redirects to its file", async () => {
  const { data, response } = await shop.createExport({ client: user });
  expect([response.status, response.headers.get("Location")]).toEqual([202, `/api/v1/exports/${data.id}`]);
  const path = { id: data.id };
  expect((await shop.getExport({ client: user, path })).data.state).toBe("running");
  const done = await shop.getExport({ client: user, path, redirect: "manual" });
  expect([done.response.status, done.response.headers.get("Location")]).toEqual([303, `/api/v1/exports/${data.id}/file`]);
  expect((await shop.getExport({ client: user, path })).data).toContain("id,name\n"); // followed
  expect((await shop.downloadExport({ client: user, path })).data).toBe('id,name\n1,"Shirt, blue"\n');
});

describe("events", () => {
  test("stream from Last-Event-ID on", async () => {
    const seen: unknown[] = [];
    const options = { client: user, query: { count: 2 }, headers: { "Last-Event-ID": 7 } };
    const { stream } = await shop.streamEvents({ ...options, onSseEvent: ({ id, event }) => seen.push([id, event]) });
    const events: unknown[] = [];
    for await (const event of stream) events.push(event);
    expect(events).toEqual([7, 7]);
    expect(seen).toEqual([["8", "stock"], ["9", "stock"]]);
  });

  test("need a token", async () => {
    const { stream } = await shop.streamEvents({ client: anonymous });
    expect(isProblem(await failure(stream.next()), "unauthenticated")).toBe(true);
  });
});
