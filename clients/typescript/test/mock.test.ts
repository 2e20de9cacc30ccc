import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { getCurrentUser, isProblem, listUsers, loginUser } from "../src/index.js";
import { failure, newClient, password } from "./support.js";

/** Starts the server of `make mock` on a free port. */
async function startMock(): Promise<string> {
  const folder = fileURLToPath(new URL("../../../tools/mock", import.meta.url));
  const contract = "../../gen/apicontract/openapi.yaml";
  const mock = spawn("node_modules/.bin/prism", ["mock", "--host", "127.0.0.1", "--port", "0", contract], { cwd: folder });
  onTestFinished(() => void mock.kill());
  return new Promise((resolve, reject) => {
    mock.once("error", reject);
    mock.once("exit", (code) => reject(new Error(`the mock exited with ${code}`)));
    createInterface(mock.stdout).on("line", (line) => {
      const [url] = line.match(/(?<=listening on )http:[\d./:]+/) ?? [];
      if (url) resolve(url);
    });
  });
}

test("the mock serves examples, and problems on request", async () => {
  const client = newClient({ baseUrl: await startMock() });
  await loginUser({ client, body: { email: "ada@example.com", password } });
  const { data } = await listUsers({ client });
  expect(data.items.map(({ email }) => email)).toContain("ada@example.com");
  const refused = await failure(getCurrentUser({ client, headers: { Prefer: "code=429" } }));
  expect(isProblem(refused, "rate_limited") && refused.retryAfter).toBeGreaterThan(0);
});
