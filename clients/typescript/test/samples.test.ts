import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import * as sdk from "../src/gen/sdk.gen.js";
import { fieldErrors, isProblem, setDefaultClient, type PlinthClient } from "../src/index.js";
import { MockApi, type MockedContract } from "../src/testing.js";
import { generate, root } from "./setup.js";
import { failure, newClient, newEmail, signedIn, signedInAsAdmin } from "./support.js";

const packageFolder = join(root, "clients/typescript");

/** Returns a folder inside the package, where imports of the package resolve. */
function newFolder() {
  const folder = mkdtempSync(join(packageFolder, "samples-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function checkTypes(folder: string) {
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions: { allowJs: false }, include: ["*.ts"] }),
  );
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { stdio: "inherit" });
}

interface Operation {
  operationId: string;
  "x-required-role"?: string;
  "x-codeSamples": { lang: string; source: string }[];
}

/** Returns the operations of the API with their TypeScript samples. */
async function documented() {
  const contract = (await (await fetch(`${inject("api").url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const operations = Object.values(contract.paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ operationId }) => operationId);
  expect(operations).toHaveLength(Object.keys(sdk).length);
  return operations.map(({ operationId, "x-required-role": role, "x-codeSamples": samples }) => {
    const source = samples.find(({ lang }) => lang === "TypeScript")?.source;
    if (!source) throw new Error(`${operationId} has no TypeScript sample`);
    return { operationId, role, source };
  });
}

// The API generates the samples of its documentation; this checks their types against the package.
test("the documentation's TypeScript samples type-check", async () => {
  const folder = newFolder();
  const declared = 'import { createPlinthClient } from "@plinth/client";\nconst client = createPlinthClient({ baseUrl: "" });\n';
  for (const { operationId, source } of await documented()) writeFileSync(join(folder, `${operationId}.ts`), declared + source);
  checkTypes(folder);
});

// Problems of malformed calls, which the generated code must prevent. Other problems, such as a
// missing row, are allowed.
const malformed = [
  "malformed_request",
  "unsupported_media_type",
  "route_not_found",
  "method_not_allowed",
  "validation_failed",
  "unauthenticated",
  "forbidden",
];

// The account of the examples. The one that runs a sample takes its place in references.
const exampleUser = /(_id"?: )"01JD8Z5V3K4N6P7Q8R9S0T1V2W"/g;

const run = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (client: PlinthClient, api: typeof sdk, console: { log(): void }) => Promise<void>;

test("the documentation's TypeScript sample of every operation runs", async () => {
  const found: Record<string, string> = {};
  for (const { operationId, role, source } of await documented()) {
    const client = role === "admin" ? await signedInAsAdmin() : role ? (await signedIn()).client : newClient();
    const user = role && (await sdk.getCurrentUser({ client })).data.id;
    const body = source
      .replace(/^import ({.*}) from .*;$/m, "const $1 = api;")
      .replace(/^for await .*$/m, "await stream.return();")
      .replaceAll("ada@example.com", newEmail())
      .replaceAll(exampleUser, `$1"${user}"`);
    try {
      await new run("client", "api", "console", body)(client, sdk, { log() {} });
    } catch (error) {
      if (!isProblem(error)) found[operationId] = String(error);
      else if (error.status >= 500 || malformed.includes(error.code)) found[operationId] = `${error.code}: ${error.detail} ${JSON.stringify(error.errors)}`;
    }
  }
  expect(found).toEqual({});
});

/** A contract with a resource that follows the usual pattern. */
const books = () => {
  const book = { id: "01JD8Z5V3K4N6P7Q8R9S0T1V2W", title: "Middlemarch", pages: 880, created_at: "2026-01-02T03:04:05Z" };
  const text = { type: "string", minLength: 1, maxLength: 100 };
  const $ref = "#/components/schemas/Book";
  const content = (schema: object, example?: object) => ({ "application/json": example ? { schema, example } : { schema } });
  const operation = (operationId: string, status: number, more: object, body: object = content({ $ref }, book)) => ({
    operationId, tags: ["books"], responses: { [status]: { description: "", content: body } }, ...more,
  });
  const cursor = ["cursor", "title"].map((name) => ({ name, in: "query", schema: text }));
  const parameters = [...cursor, { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 100 } }];
  const id = [{ name: "id", in: "path", required: true, schema: { type: "string" } }];
  const body = { requestBody: { required: true, content: content({ $ref }) } };
  const nullable = { type: "string", nullable: true };
  const properties = { items: { type: "array", items: { $ref } }, next_cursor: nullable };
  const pages = content({ type: "object", required: ["items", "next_cursor"], properties }, { items: [book], next_cursor: null });
  const integer = { type: "integer", format: "int32", minimum: 1 };
  const Book = {
    type: "object",
    required: ["id", "title", "pages"],
    properties: { id: { type: "string", readOnly: true }, title: text, pages: integer, created_at: { type: "string", format: "date-time", readOnly: true } },
  };
  return {
    openapi: "3.0.3",
    info: { title: "Books", version: "1" },
    paths: {
      "/api/v1/books": { get: operation("listBooks", 200, { parameters }, pages), post: operation("createBook", 201, body) },
      "/api/v1/books/{id}": {
        get: operation("getBook", 200, { parameters: id }),
        patch: operation("updateBook", 200, { parameters: id, ...body }),
        delete: { operationId: "deleteBook", tags: ["books"], parameters: id, responses: { 204: { description: "" } } },
      },
    },
    components: { schemas: { Book } },
  };
};

const program = `
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { paginate, type ApiError } from "../src/index.js";
import { tagged } from "../src/query.js";
import { createBookMutation, deleteBookMutation, listBooksInfiniteOptions, listBooksQueryKey } from "./gen/@tanstack/react-query.gen.js";
import { listBooks } from "./gen/sdk.gen.js";

export function useBooks() {
  const queryClient = useQueryClient();
  const books = useInfiniteQuery(listBooksInfiniteOptions({ query: { title: "Middlemarch" } }));
  const titles: string[] | undefined = books.data?.pages.flatMap(({ items }) => items.map(({ title }) => title));
  const error: ApiError | null = books.error;
  useMutation({ ...createBookMutation(), onSuccess: () => queryClient.invalidateQueries({ queryKey: listBooksQueryKey() }) })
    .mutate({ body: { title: "Emma", pages: 474 } });
  useMutation(deleteBookMutation()).mutate({ path: { id: "1" } });
  void queryClient.invalidateQueries({ queryKey: tagged("books") });
  return { titles, error };
}

export async function titles(): Promise<string[]> {
  const found: string[] = [];
  for await (const { title } of paginate(listBooks, { query: { limit: 2 } })) found.push(title);
  return found;
}
`;

test("a new resource has options, keys, schemas and a mock without code", async () => {
  const folder = newFolder();
  writeFileSync(join(folder, "books.json"), JSON.stringify(books()));
  generate(join(folder, "books.json"), join(folder, "gen"));
  writeFileSync(join(folder, "program.ts"), program);
  checkTypes(folder);

  const load = (file: string) => import(/* @vite-ignore */ join(folder, "gen", file));
  const contract = { ...(await load("operations.gen.ts")), ...(await load("zod.gen.ts")) } as MockedContract;
  const mock = new MockApi({ size: 5, contract });
  setDefaultClient(mock.client());
  const { titles } = (await import(/* @vite-ignore */ join(folder, "program.ts"))) as { titles(): Promise<string[]> };
  expect(await titles()).toEqual(["Middlemarch", ...[2, 3, 4, 5].map((n) => `Middlemarch ${n}`)]);

  const shop = (await load("sdk.gen.ts")) as Record<string, (options: object) => Promise<{ data: { id: string; title: string } }>>;
  const { data } = await shop["createBook"]!({ body: { title: "Emma", pages: 474 } });
  const path = { id: data.id };
  expect((await shop["updateBook"]!({ path, body: { title: "Emma, 2nd", pages: 474 } })).data.title).toBe("Emma, 2nd");
  expect((await titles())[0]).toBe("Emma, 2nd");
  expect(fieldErrors(await failure(shop["createBook"]!({ body: { title: "", pages: 0 } })))).toEqual({
    title: "Is required.",
    pages: "Must be at least 1.",
  });
  await shop["deleteBook"]!({ path });
  expect(await titles()).not.toContain("Emma, 2nd");
});

// The same for contracts that use every feature, with clients generated here.
test.each(["kit/internal/shop/openapi.yaml", "kit/apispec/testdata/shapes.yaml"])("the samples of %s type-check", (file) => {
  const folder = newFolder();
  const contract = join(root, file);
  generate(contract, join(folder, "gen"));
  execFileSync("go", ["run", "example.com/plinth/kit/cmd/contract", "samples", contract, folder], { cwd: root });
  checkTypes(folder);
});
