import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { startAPI } from "../../../tools/testapi/testapi.mjs";
import {
  errorMessage,
  fieldErrors,
  getCurrentUser,
  getHealth,
  isNetworkError,
  isProblem,
  loginUser,
  NetworkError,
  ProblemError,
  registerUser,
  toFormErrors,
  updateCurrentUser,
  type FieldError,
  type ProblemCode,
  type Wording,
} from "../src/index.js";
import { failure, newClient, newEmail, proxied, serve, signedIn } from "./support.js";

/** Returns a client of a server that is not the API and gives every request the same response. */
async function impostor(respond: (response: ServerResponse) => void) {
  return newClient({ baseUrl: await serve((_request, response) => respond(response)) });
}

describe("ProblemError", () => {
  test("has the members of the problem document", async () => {
    const error = await failure(registerUser({ client: newClient(), body: { email: "ada", password: "short" } }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      message: expect.stringContaining("Validation failed"),
      type: "urn:problem-type:validation_failed",
      status: 422,
      code: "validation_failed",
      instance: "/api/v1/auth/register",
      request_id: expect.stringMatching(/./),
      retryAfter: undefined,
    });
  });

  test("fieldErrors returns the messages by field", async () => {
    const error = await failure(registerUser({ client: newClient(), body: { email: "ada", password: "short" } }));
    expect(fieldErrors(error)).toEqual({
      email: "Must be an e-mail address in ASCII.", // and is too short, which tells less
      password: expect.stringContaining("15 characters"),
    });
    const missing = await failure(
      updateCurrentUser({ client: (await signedIn()).client, body: { email: newEmail() } }),
    );
    expect(Object.keys(fieldErrors(missing))).toEqual(["current_password"]);
    expect(fieldErrors(new Error("something else"))).toEqual({});
    expect(fieldErrors(await failure(getCurrentUser({ client: newClient() })))).toEqual({});
  });

  test("isProblem compares codes", async () => {
    const error = await failure(getCurrentUser({ client: newClient() }));
    expect(isProblem(error)).toBe(true);
    expect(isProblem(error, "email_taken", "unauthenticated")).toBe(true);
    expect(isProblem(error, "email_taken")).toBe(false);
    expect(isProblem(new Error("unauthenticated"))).toBe(false);
    expect(isProblem(undefined)).toBe(false);
  });

  test("is returned with throwOnError: false", async () => {
    const { data, error, response } = await getCurrentUser({ client: newClient(), throwOnError: false });
    expect(data).toBeUndefined();
    expect(error?.code).toBe("unauthenticated");
    expect(response?.status).toBe(401);
  });
});

describe("messages", () => {
  const problem = (code: ProblemCode, errors: FieldError[] = []) =>
    new ProblemError({ type: "", title: "", status: 422, detail: "In English.", instance: "", code, request_id: "", errors }, 7);
  const short = { pointer: "/password", code: "too_short", detail: "Must have at least 15 characters." };
  const items = { pointer: "/lines/0/unit~1price", code: "not_a_price", detail: "Must be a price." };

  test("are replaced by code, and default to the API's", () => {
    const german: Wording = {
      email_taken: "Vergeben.",
      rate_limited: ({ retryAfter }) => `Warten Sie ${retryAfter} Sekunden.`,
      too_short: ({ limit }) => `Mindestens ${limit} Zeichen.`,
      unreachable: "Nicht erreichbar.",
    };
    expect(errorMessage(problem("email_taken"), german)).toBe("Vergeben.");
    expect(errorMessage(problem("rate_limited"), german)).toBe("Warten Sie 7 Sekunden.");
    expect(errorMessage(problem("forbidden"), german)).toBe("In English.");
    expect(errorMessage(new NetworkError(undefined), german)).toBe("Nicht erreichbar.");
    expect(errorMessage(new NetworkError(undefined))).toBe("The API cannot be reached.");
    const failed = problem("validation_failed", [short, items]);
    expect(fieldErrors(failed, german)).toEqual({ password: "Mindestens 15 Zeichen.", "lines.0.unit/price": "Must be a price." });
  });

  test("toFormErrors assigns them to the fields of a form", () => {
    const failed = problem("validation_failed", [short, items]);
    const password = { type: "too_short", message: short.detail };
    expect(toFormErrors(failed)).toMatchObject({ password, "lines.0.unit/price": { type: "not_a_price" } });
    expect(toFormErrors(failed, { names: ["password"] })).toEqual({ password });
    expect(toFormErrors(failed, { names: ["email"] })).toEqual({ root: { type: "too_short", message: `password: ${short.detail}` } });
    const codes = { email_taken: "email" };
    expect(toFormErrors(problem("email_taken"), { codes })).toEqual({ email: { type: "email_taken", message: "In English." } });
    expect(toFormErrors(problem("email_taken"), { codes, names: ["name"] })).toEqual({ root: { type: "email_taken", message: "In English." } });
    expect(toFormErrors(new NetworkError(undefined))).toEqual({ root: { type: "unknown", message: "The API cannot be reached." } });
    expect(toFormErrors(null)).toEqual({});
  });
});

describe("retryAfter of limits", () => {
  // The shared server of the other tests has no limits.
  const limits = { RATE_LIMIT_READ: "2/1m", LOGIN_FAILURES_PER_ACCOUNT: "2" };
  let strict: Awaited<ReturnType<typeof startAPI>>;
  beforeAll(async () => void (strict = await startAPI(limits)));
  afterAll(() => strict.stop());

  test("requests", async () => {
    const { client } = await signedIn({ baseUrl: strict.url });
    await getCurrentUser({ client });
    const { response } = await getCurrentUser({ client });
    expect(response.headers.get("RateLimit")).toMatch(/r=0/);
    const error = await failure(getCurrentUser({ client }));
    expect(isProblem(error, "rate_limited") && error.status).toBe(429);
    expect((error as ProblemError).retryAfter).toBeGreaterThan(0);
  });

  test("failed logins", async () => {
    const { email } = await signedIn({ baseUrl: strict.url });
    const client = newClient({ baseUrl: strict.url });
    const attempt = () => failure(loginUser({ client, body: { email, password: "wrong" } }));
    for (const _ of [1, 2]) expect(isProblem(await attempt(), "invalid_credentials")).toBe(true);
    const error = await attempt();
    expect(isProblem(error, "too_many_attempts") && error.status).toBe(429);
    expect((error as ProblemError).retryAfter).toBeGreaterThan(0);
  });
});

describe("responses of intermediaries", () => {
  test.each([
    ["an error page", 502, "text/html", "<h1>Bad gateway</h1>"],
    ["an error in another format", 500, "application/json", '{"message":"oops"}'],
    ["an error without a body", 504, "text/plain", ""],
    ["a captive portal", 200, "text/html", "<h1>Welcome</h1>"],
  ])("are problems: %s", async (_, status, type, body) => {
    const client = await impostor((response) => response.writeHead(status, { "Content-Type": type }).end(body));
    const error = await failure(getHealth({ client }));
    expect(isProblem(error, "unexpected_answer") && error.status).toBe(status);
  });
});

describe("NetworkError", () => {
  test("has the cause of a failed connection", async () => {
    const client = newClient({ baseUrl: "http://127.0.0.1:1" });
    const error = await failure(getHealth({ client }));
    expect(isNetworkError(error)).toBe(true);
    expect((error as NetworkError).cause).toBeInstanceOf(TypeError);
    expect(isNetworkError(await failure(getHealth({ client, throwOnError: false })))).toBe(true); // thrown regardless
  });

  test("says whether the browser is offline, or only the API unreachable", async () => {
    vi.stubGlobal("navigator", { onLine: false });
    onTestFinished(() => void vi.unstubAllGlobals());
    const client = newClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await failure(getHealth({ client }))).toMatchObject({ offline: true, message: "You are offline." });
    vi.stubGlobal("navigator", { onLine: true });
    expect(await failure(getHealth({ client }))).toMatchObject({ offline: false, message: "The API cannot be reached." });
  });

  test.each([200, 500])("on a body that is cut off, status %i", async (status) => {
    const client = await impostor((response) => {
      response.writeHead(status, { "Content-Type": "application/json", "Content-Length": "1000" });
      response.write('{"status":');
      setImmediate(() => response.destroy());
    });
    expect(isNetworkError(await failure(getHealth({ client })))).toBe(true);
  });
});

describe("an aborted call", () => {
  test("rejects with the signal's reason", async () => {
    const proxy = await proxied();
    const { client } = await signedIn({ baseUrl: proxy.url });
    const reason = new Error("the page was left");
    expect(await failure(getCurrentUser({ client, signal: AbortSignal.abort(reason) }))).toBe(reason);
    const client2 = await impostor(() => {}); // never responds
    const late = await failure(getHealth({ client: client2, signal: AbortSignal.timeout(50) }));
    expect(late).toMatchObject({ name: "TimeoutError" });
    const client3 = await impostor((response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write("{"); // never completed
    });
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 50);
    expect(await failure(getHealth({ client: client3, signal: leaving.signal }))).toMatchObject({ name: "AbortError" });
  });
});
