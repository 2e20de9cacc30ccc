// A mock of the API in memory, for tests and development of frontends: with MSW, as a client's
// `fetch`, or as a server (`make mock`). It keeps what it is sent, and checks bodies with the
// schemas of the contract. Only this module and ./zod need zod.
import { createPlinthClient, type PlinthClient } from "./client.js";
import * as schemas from "./gen/zod.gen.js";
import type * as sdk from "./gen/sdk.gen.js";
import * as contract from "./gen/operations.gen.js";
import type { FieldError, ProblemCode } from "./gen/types.gen.js";
import { pause } from "./lease.js";
import { Accounts, personaPassword, personas, type Actor, type Answer, type Call } from "./mockaccounts.js";
import { isList, matches, page, Refusal, Rows, type MockedOperation, type MockedProblem, type Row } from "./mockrows.js";
import { inMemory, type Tokens } from "./storage.js";
import { zodFault } from "./zod.js";

export type Persona = keyof typeof personas;

export interface MockOptions {
  /** The number of rows in each list, 45 by default, so that there are several pages. */
  size?: number;
  /** Milliseconds before each response, 0 by default. */
  delay?: number;
  /** Another contract: the exports of its `operations.gen.js` and `zod.gen.js`. */
  contract?: MockedContract;
}

export interface MockedContract {
  operations: readonly MockedOperation[];
  problems: Readonly<Record<string, MockedProblem>>;
}

export interface FailureOptions {
  /** How often the operation fails; until it is told to work again by default. */
  times?: number;
  /** Seconds for `Retry-After`. */
  retryAfter?: number;
  /** For `validation_failed`. */
  errors?: FieldError[];
}

interface Failure extends FailureOptions {
  operation: string;
  code: string;
}

/** The part of MSW that {@link MockApi.handlers} needs. */
interface Http<Handler> {
  all(path: string, resolver: (info: { request: Request }) => Promise<Response>): Handler;
}

/** A mock of the API. */
export class MockApi {
  /** The accounts of `make seed`. */
  readonly personas = {
    user: { email: personas.user, password: personaPassword },
    admin: { email: personas.admin, password: personaPassword },
  };
  /** Milliseconds before each response. */
  delay: number;
  readonly #size: number;
  readonly #operations: readonly MockedOperation[]; // those without parameters first
  readonly #contract: MockedContract;
  #rows!: Rows;
  #accounts!: Accounts;
  #failures: Failure[] = [];

  constructor(options: MockOptions = {}) {
    const { size = 45, delay = 0 } = options;
    this.#contract = options.contract ?? { ...contract, ...schemas };
    this.#operations = [...this.#contract.operations].sort((a, b) => parameters(a) - parameters(b));
    this.#size = size;
    this.delay = delay;
    this.reset();
  }

  /** Forgets all changes, sessions and failures. */
  reset(): void {
    this.#rows = new Rows(this.#operations, this.#size);
    this.#accounts = new Accounts(this.#rows, this.#size);
    this.#failures = [];
  }

  /** Sends a request to the mock: `createPlinthClient({ baseUrl: "http://mock.test", fetch: api.fetch })`. */
  readonly fetch: typeof fetch = async (input, init) => {
    const response = await this.respond(new Request(input, init));
    if (response.type === "error") throw new TypeError("Failed to fetch");
    return response;
  };

  /** Returns the handlers for MSW: `setupServer(...api.handlers(http))`, or `setupWorker`. */
  handlers<Handler>(http: Http<Handler>): Handler[] {
    const paths = [...new Set(this.#operations.map(({ path }) => path.replace(/\{[^\w]*(\w+)\*?\}/g, ":$1")))];
    return paths.map((path) => http.all(`*${path}`, ({ request }) => this.respond(request)));
  }

  /** Returns a client that calls the mock, signed in if an account is given. */
  client(account?: Persona): PlinthClient {
    const storage = inMemory();
    if (account) void storage.set(this.tokens(account));
    return createPlinthClient({ baseUrl: "http://mock.test", fetch: this.fetch, storage });
  }

  /** Signs an account in, and returns the tokens for a client's storage. `account` may be an e-mail. */
  tokens(account: Persona | (string & {})): Tokens {
    const email = personas[account as Persona] ?? account;
    const { access_token, refresh_token, expires_in } = this.#accounts.signIn(email);
    return { access_token, refresh_token, session: access_token, expires_at: Date.now() + expires_in * 1000 };
  }

  /**
   * Makes an operation fail, or all with "*": with a problem, or as if the API were unreachable.
   * Returns a function that makes it work again.
   */
  fail(operation: keyof typeof sdk | "*", code: ProblemCode | "network", options: FailureOptions = {}): () => void {
    const failure: Failure = { ...options, operation, code };
    this.#failures.unshift(failure);
    return () => void (this.#failures = this.#failures.filter((each) => each !== failure));
  }

  /** Responds to a request; with a network error (`Response.error()`) if it is to fail so. */
  async respond(request: Request): Promise<Response> {
    if (this.delay > 0) await pause(this.delay);
    const url = new URL(request.url);
    try {
      const operation = this.#operationOf(request.method, url.pathname);
      this.#failAsAsked(operation, request.headers.get("Prefer"));
      return await this.#serve(operation, request, url);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.code === "network" ? Response.error() : toProblem(error, url.pathname, this.#contract.problems[error.code]);
    }
  }

  /** Throws the failure that a test or the header `Prefer: code=…` (a status or a code) asks for. */
  #failAsAsked(operation: MockedOperation, prefer: string | null): void {
    const failure = this.#failures.find((each) => [operation.id, "*"].includes(each.operation) && (each.times ?? 1) > 0);
    if (failure) {
      if (failure.times !== undefined) failure.times--;
      throw new Refusal(failure.code, failure.errors, failure.retryAfter);
    }
    const [, wanted] = /\bcode=(\w+)/.exec(prefer ?? "") ?? [];
    const { problems } = this.#contract;
    const code = [...operation.problems, ...Object.keys(problems)].find(
      (each) => each === wanted || String(problems[each]?.status) === wanted,
    );
    if (code) throw new Refusal(code);
  }

  async #serve(operation: MockedOperation, request: Request, url: URL): Promise<Response> {
    const actor = this.#authenticate(operation, request.headers.get("Authorization"));
    const text = await request.text();
    const call: Call = {
      operation,
      path: matches(operation, url.pathname) ?? {},
      body: parse(text, request.headers.get("Content-Type")),
      ifMatch: request.headers.get("If-Match"),
      userAgent: request.headers.get("User-Agent") ?? "",
      actor,
    };
    check(this.#contract, call, url.searchParams, text !== "");
    const answer = this.#accounts.respond(call) ?? this.#answer(call, url);
    const { body = answer.row ?? null } = answer;
    const headers: Record<string, string> = answer.row ? { ETag: this.#rows.etag(answer.row) } : {};
    return toResponse(operation, body, headers);
  }

  #authenticate({ secured, role }: MockedOperation, header: string | null): Actor | undefined {
    if (!secured) return undefined;
    if (!header) throw new Refusal("unauthenticated");
    const actor = this.#accounts.actor(header.replace(/^Bearer /i, ""));
    if (!actor) throw new Refusal("invalid_token");
    if (role && ![role, "admin"].includes(actor.user.role)) throw new Refusal("forbidden");
    return actor;
  }

  /** Responds for any collection: lists, reads, creates, changes and deletes its rows. */
  #answer(call: Call, url: URL): Answer {
    const { operation, body } = call;
    if (isList(operation)) return { body: page(this.#collection(call, url.pathname), url.searchParams) };
    if (operation.method === "POST" && this.#hasList(operation.path) && isRow(operation.example)) {
      return { row: this.#rows.add(this.#collection(call, url.pathname), operation.example, body) };
    }
    const [, parent, id] = /^(.*)\/([^/]+)$/.exec(url.pathname) ?? [];
    const template = operation.path.replace(/\/\{\w+\}$/, "");
    if (template === operation.path || !this.#hasList(template)) return { body: operation.example };
    const rows = this.#collection(call, String(parent));
    const row = rows.find((each) => String(each.id) === id);
    if (!row) throw new Refusal(operation.problems.find((code) => this.#contract.problems[code]?.status === 404) ?? "route_not_found");
    if (operation.method === "DELETE") rows.splice(rows.indexOf(row), 1);
    else if (operation.method !== "GET") this.#rows.change(row, body, call.ifMatch);
    return { row };
  }

  #operationOf(method: string, path: string): MockedOperation {
    const found = this.#operations.filter((operation) => matches(operation, path));
    const operation = found.find((each) => each.method === (method === "HEAD" ? "GET" : method));
    if (!operation) throw new Refusal(found.length > 0 ? "method_not_allowed" : "route_not_found");
    return operation;
  }

  #hasList(path: string): boolean {
    return this.#operations.some((operation) => isList(operation) && operation.path === path);
  }

  /** Returns the rows at a path: those of the account, unless only administrators see them. */
  #collection({ operation, actor }: Call, path: string): Row[] {
    return this.#rows.of(path.replace(/^.*?(?=\/api\/)/, ""), operation.role === "admin" ? "" : actor?.user.id);
  }
}

function parameters({ path }: MockedOperation): number {
  return path.split("{").length;
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && "id" in value;

function parse(text: string, type: string | null): Record<string, unknown> {
  if (!/json/.test(type ?? "")) return {};
  try {
    return JSON.parse(text || "{}") as Record<string, unknown>;
  } catch {
    throw new Refusal("malformed_request");
  }
}

interface Schema {
  safeParse(value: unknown, options: object): { error?: { issues: { path: PropertyKey[] }[] } };
}

/** Checks the body and the query with the schemas of the operation. */
function check(contract: object, { operation, body }: Call, query: URLSearchParams, hasBody: boolean): void {
  const schema = (part: string) =>
    (contract as Record<string, Schema | undefined>)[`z${operation.id[0]?.toUpperCase()}${operation.id.slice(1)}${part}`];
  const issues = (part: string, value: unknown) => schema(part)?.safeParse(value, { reportInput: true }).error?.issues ?? [];
  const values = Object.fromEntries([...query].map(([name, value]) => [name, toValue(value)]));
  const errors: FieldError[] = [
    ...(hasBody ? issues("Body", body) : []).map((issue) => ({ pointer: `/${issue.path.join("/")}`, ...fault(issue) })),
    ...issues("Query", values).map((issue) => ({ in: "query" as const, name: issue.path.join("."), ...fault(issue) })),
  ];
  if (errors.length > 0) throw new Refusal("validation_failed", errors);
}

function fault(issue: object): { code: string; detail: string } {
  const { code, detail } = zodFault(issue as Parameters<typeof zodFault>[0]);
  return { code, detail };
}

/** Parses a parameter as the schemas expect it. */
function toValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

const common = () => ({ "X-Request-ID": crypto.randomUUID(), "Cache-Control": "no-store" });

function toResponse({ status, type }: MockedOperation, body: unknown, headers: Record<string, string>): Response {
  const json = /json/.test(type ?? "");
  return new Response(type ? (json ? JSON.stringify(body) : String(body)) : null, {
    status,
    headers: { ...common(), ...headers, ...(type ? { "Content-Type": type } : {}) },
  });
}

function toProblem({ code, errors, retryAfter }: Refusal, instance: string, problem?: MockedProblem): Response {
  const { status = 500, title = code, detail = title } = problem ?? {};
  const headers = new Headers({ ...common(), "Content-Type": "application/problem+json" });
  if (status === 429 || status === 503) headers.set("Retry-After", String(retryAfter ?? 1));
  const request_id = headers.get("X-Request-ID");
  const document = { type: `urn:problem-type:${code}`, title, status, detail, instance, code, request_id };
  return new Response(JSON.stringify(errors ? { ...document, errors } : document), { status, headers });
}
