// Uses notes and gadgets with the TypeScript client: node use.mjs URL
import assert from "node:assert/strict";
import * as client from "@shelf/client";
import { zCreateGadgetBody } from "@shelf/client/zod";

const api = client.createShelfClient({ baseUrl: process.argv[2], storage: client.inMemory() });
await client.registerUser({ client: api, body: { email: "client@example.com", password: "correct horse battery staple" } });

for (let i = 0; i < 3; i++) await client.createNote({ client: api, body: { title: `Note ${i}`, tags: ["a"] } });
const titles = [];
for await (const note of client.paginate(client.listNotes, { client: api, query: { limit: 2, sort: "title" } })) titles.push(note.title);
assert.deepEqual(titles, ["Note 0", "Note 1", "Note 2"]);

const { data: me } = await client.getCurrentUser({ client: api });
const body = {
  title: "A gadget", contact: "ada@example.com", site: "https://example.com/", active: true, code: 7, size: 9007199254740991,
  price: "12.50", due_on: "2026-01-02", starts_at: "2026-01-02T03:04:05Z", assignee_id: me.id, tags: ["a"], color: null, labels: null,
};
assert.equal(zCreateGadgetBody.safeParse(body).success, true);
const { data: gadget, response } = await client.createGadget({ client: api, body });
const { created_at, updated_at, id, ...stored } = gadget;
assert.deepEqual({ ...stored, ...body }, stored);
assert.equal(stored.status, "draft");

const path = { id };
const headers = { "If-Match": response.headers.get("ETag") };
const { data: changed } = await client.updateGadget({ client: api, path, headers, body: { color: "green", labels: ["b"] } });
assert.deepEqual([changed.color, changed.labels], ["green", ["b"]]);
const failure = (promise) => promise.then(() => assert.fail("no error"), (error) => error);
assert.ok(client.isProblem(await failure(client.updateGadget({ client: api, path, headers, body: { active: false } })), "precondition_failed"));
assert.ok(client.isProblem(await failure(client.createGadget({ client: api, body })), "gadget_title_taken"));
assert.ok(client.isProblem(await failure(client.createPart({ client: api, body })), "forbidden"));
await client.deleteGadget({ client: api, path });
assert.ok(client.isProblem(await failure(client.getGadget({ client: api, path })), "gadget_not_found"));
