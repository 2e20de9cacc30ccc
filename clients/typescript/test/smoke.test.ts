import { expect, inject, test } from "vitest";
import * as sdk from "../src/gen/sdk.gen.js";
import { isProblem, type PlinthClient } from "../src/index.js";
import { newClient, newEmail, signedIn, signedInAsAdmin } from "./support.js";

interface Operation {
  operationId: string;
  "x-required-role"?: string;
  "x-codeSamples": { lang: string; source: string }[];
}

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

const run = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (client: PlinthClient, api: typeof sdk, console: { log(): void }) => Promise<void>;

// Runs the documented sample of each operation, so that new operations are covered.
test("the documented sample of every operation runs", async () => {
  const contract = (await (await fetch(`${inject("api").url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const operations = Object.values(contract.paths)
    .flatMap((methods) => Object.values(methods))
    .filter(({ operationId }) => operationId);
  expect(operations).toHaveLength(Object.keys(sdk).length);
  const found: Record<string, string> = {};
  for (const { operationId, "x-required-role": role, "x-codeSamples": samples } of operations) {
    const source = String(samples.find(({ lang }) => lang === "TypeScript")?.source)
      .replace(/^import ({.*}) from .*;$/m, "const $1 = api;")
      .replace(/^for await .*$/m, "await stream.return();")
      .replaceAll("ada@example.com", newEmail());
    const client = role === "admin" ? await signedInAsAdmin() : role ? (await signedIn()).client : newClient();
    try {
      await new run("client", "api", "console", source)(client, sdk, { log() {} });
    } catch (error) {
      if (!isProblem(error)) found[operationId] = String(error);
      else if (error.status >= 500 || malformed.includes(error.code)) found[operationId] = `${error.code}: ${error.detail} ${JSON.stringify(error.errors)}`;
    }
  }
  expect(found).toEqual({});
});
