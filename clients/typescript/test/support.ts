import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { expect, inject, onTestFinished } from "vitest";
import { expired } from "../../../tools/testapi/testapi.mjs";
import {
  createPlinthClient,
  inMemory,
  loginUser,
  registerUser,
  type PlinthClient,
  type PlinthClientOptions,
  type SessionEvent,
  type Tokens,
  type TokenStorage,
} from "../src/index.js";
import { admin } from "./setup.js";

export const password = "correct horse battery staple";

let count = 0;
export const newEmail = () => `user-${process.pid}-${Date.now().toString(36)}-${count++}@example.com`;

export function newClient(options: Partial<PlinthClientOptions> = {}): PlinthClient {
  return createPlinthClient({ baseUrl: inject("api").url, ...options });
}

/** Returns a client that is signed in as a new user. */
export async function signedIn(options: Partial<PlinthClientOptions> = {}) {
  const email = newEmail();
  const storage = options.storage ?? inMemory();
  const client = newClient({ ...options, storage });
  await registerUser({ client, body: { email, password } });
  return { client, email, storage, events: recorded(client) };
}

export async function signedInAsAdmin(): Promise<PlinthClient> {
  const client = newClient();
  await loginUser({ client, body: admin });
  return client;
}

export function recorded(client: PlinthClient): SessionEvent[] {
  const events: SessionEvent[] = [];
  client.session.onChange((event) => events.push(event));
  return events;
}

/**
 * Replaces the stored access token with an expired one. With `known` the client can tell by
 * `expires_at`.
 */
export async function expire(storage: TokenStorage, known: boolean): Promise<Tokens> {
  const tokens = await kept(storage);
  const old = { ...tokens, access_token: expired(tokens.access_token, inject("api").secret) };
  await storage.set(known ? { ...old, expires_at: Date.now() - 1 } : old);
  return old;
}

export async function kept(storage: TokenStorage): Promise<Tokens> {
  const tokens = await storage.get();
  if (!tokens) throw new Error("there is no session");
  return tokens;
}

/** Starts a server that ends with the test and returns its URL. */
export async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Fault = "lose the response" | "refuse the connection" | undefined;

/** Starts a proxy in front of the API that records requests and injects faults. */
export async function proxied(fault: (request: IncomingMessage) => Fault = () => undefined) {
  const seen: string[] = [];
  const url = await serve((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const what = fault(request);
    if (what === "refuse the connection") request.socket.destroy();
    else forward(request, response, what === "lose the response");
  });
  return { url, seen, refreshes: () => seen.filter((line) => line.endsWith("/auth/refresh")).length };
}

function forward(request: IncomingMessage, response: ServerResponse, lose: boolean) {
  const { method, headers } = request;
  const onward = httpRequest(inject("api").url + request.url, { method, headers }, (answer) => {
    if (lose) {
      answer.resume().on("end", () => request.socket.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => request.socket.destroy());
  request.pipe(onward);
}

/** Returns the error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome === undefined) throw new Error("the promise did not reject");
  return outcome;
}

// The storage that tabs share in a browser. The tabs of these tests are clients.
export class Shared implements Storage {
  readonly #items = new Map<string, string>();
  getItem = (key: string) => this.#items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#items.set(key, value);
  removeItem = (key: string) => void this.#items.delete(key);
  clear = () => this.#items.clear();
  key = (index: number) => [...this.#items.keys()][index] ?? null;
  get length() {
    return this.#items.size;
  }
}

/** Returns the token of the latest link to a page of the app that an address got by mail. */
export async function tokenTo(address: string, page: string, url = inject("api").url): Promise<string> {
  let token: string | undefined;
  await expect.poll(async () => (token = await latest(address, page, url)), { timeout: 30_000 }).toBeDefined();
  return String(token);
}

async function latest(address: string, page: string, url: string): Promise<string | undefined> {
  const mails = (await (await fetch(`${url}/dev/mail.json`)).json()) as { to: string; text: string }[];
  const link = new RegExp(`/${page}#token=(\\S+)`);
  return mails.filter(({ to }) => to === address).map(({ text }) => link.exec(text)?.[1]).find(Boolean);
}
