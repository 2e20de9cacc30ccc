import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { getCurrentUser, isProblem, listUsers, loginUser } from "../src/index.js";
import { root } from "./setup.js";
import { failure, newClient, password } from "./support.js";

/** Starts the server of `make mock` on a free port. */
async function startMock(): Promise<string> {
  const options = { cwd: join(root, "tools/mock"), env: { ...process.env, PORT: "0" }, detached: true };
  const mock = spawn("npm", ["start"], options);
  onTestFinished(() => void process.kill(-Number(mock.pid)));
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
