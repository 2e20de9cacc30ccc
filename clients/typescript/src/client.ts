import { checkBaseUrl, isForeignPage, isRedirection, readAs } from "./answers.js";
import { setDefault } from "./default.js";
import { wrapSubscribe } from "./events.js";
import { createClient, type Client, type Config } from "./gen/client/index.js";
import { logoutUser, refreshTokens } from "./gen/sdk.gen.js";
import type {
  AcceptInvitationData, // scaffold:only invitations
  DeleteCurrentUserData,
  LoginUserData,
  LogoutAllSessionsData,
  RegisterUserData,
  TokenResponse,
  TokenTransport,
} from "./gen/types.gen.js";
import { isNetworkError, isProblem, NetworkError, toProblemError } from "./problems.js";
import { withRetries } from "./retries.js";
import { SessionKeeper, type SessionListener } from "./session.js";
import { inMemory, isServer, sharedSession, type Tokens, type TokenStorage } from "./storage.js";

export interface PlinthClientOptions {
  /** The URL of the API, such as `https://api.example.com`. */
  baseUrl: string;
  /** Stores the tokens; in memory by default. */
  storage?: TokenStorage;
  /** Sends the requests; the platform's `fetch` by default. */
  fetch?: typeof fetch;
  /**
   * How often to repeat an idempotent request (GET, PUT, DELETE) while the API is overloaded or
   * unreachable; 0 by default, because TanStack Query retries by itself.
   */
  retries?: number;
}

/** A client of the API. Pass it to the operations: `getCurrentUser({ client })`. */
export interface PlinthClient extends Client {
  readonly session: {
    /** Whether the client has a session. The API may have revoked it in the meantime. */
    isActive(): Promise<boolean>;
    /**
     * Signs out: deletes the tokens, then revokes the session at the API. Rejects if the revocation
     * failed; the session then expires at the API after some days without use.
     */
    logout(): Promise<void>;
    /**
     * Calls `listener` when a session has started or ended, also in another tab. Returns a function
     * that unsubscribes.
     */
    onChange(listener: SessionListener): () => void;
  };
}

// Operations that start or end a session.
const login = "/api/v1/auth/login" satisfies LoginUserData["url"];
const starting: string[] = [
  "/api/v1/auth/register" satisfies RegisterUserData["url"],
  "/api/v1/auth/invitation/acceptance" satisfies AcceptInvitationData["url"], // scaffold:only invitations
  login,
];
const ending: string[] = ["/api/v1/auth/logout-all", "/api/v1/users/me/deletion"] satisfies [
  LogoutAllSessionsData["url"],
  DeleteCurrentUserData["url"],
];

// After this many milliseconds a renewal counts as lost and is retried.
const renewalTimeout = 5_000;

/**
 * Creates a client that keeps the session alive. `registerUser`, `loginUser` and other operations
 * that respond with tokens start a session; operations that need one send its access token, which
 * is renewed shortly before it expires or when the API rejects it.
 *
 * Operations reject with a {@link ProblemError} if the API sends an error response, and with a
 * {@link NetworkError} if it cannot be reached.
 */
export function createPlinthClient(options: PlinthClientOptions): PlinthClient {
  const transport = withNetworkErrors(options.fetch ?? ((request) => globalThis.fetch(request)));
  const config = { baseUrl: options.baseUrl, parseAs: "auto", throwOnError: true } as const;

  const storage = options.storage ?? inMemory();
  const cookies = storage.transport === "cookie";
  const refreshToken = ({ refresh_token }: Tokens) => (cookies || !refresh_token ? {} : { body: { refresh_token } });

  const bare = makeClient({ ...config, fetch: cookies ? (request) => transport(withCookies(request)) : transport });
  const keeper = new SessionKeeper(storage, async (tokens) => {
    const signal = AbortSignal.timeout(renewalTimeout);
    try {
      return (await refreshTokens({ client: bare, ...refreshToken(tokens), signal })).data;
    } catch (error) {
      throw signal.aborted ? new NetworkError(error) : error;
    }
  });

  const repeating = withRetries(transport, options.retries ?? 0);
  const client = makeClient({
    ...config,
    fetch: withAccessToken(keeper, cookies ? withSessionCookies(keeper, repeating) : withDeviceToken(keeper, repeating)),
    auth: async () => (await keeper.tokens())?.access_token,
  });
  client.interceptors.response.use(async (response, _request, { url }) => {
    if (response.ok && !cookies && starting.includes(url)) await keeper.start((await response.clone().json()) as TokenResponse);
    if (response.ok && ending.includes(url)) await keeper.end("logout");
    return response;
  });

  return {
    ...client,
    session: {
      isActive: async () => (await keeper.tokens()) !== null,
      logout: async () => {
        const tokens = await keeper.tokens();
        if (!tokens) return;
        await keeper.end("logout");
        // keepalive: the page may be unloading.
        await logoutUser({ client: bare, ...refreshToken(tokens), keepalive: true });
      },
      onChange: (listener) => keeper.listen(listener),
    },
  };
}

/**
 * Makes a client the default one, which operations use that are called without `{ client }`.
 *
 * A server shares it between all requests, so there it refuses to log in: create a client for each
 * request, and pass it.
 */
export function setDefaultClient(client: PlinthClient): void {
  if (isServer()) {
    client.interceptors.request.use((request, { url }) => {
      if (starting.includes(url)) throw new Error(sharedSession("The default client"));
      return request;
    });
  }
  setDefault(client);
}

type Send = (request: Request) => Promise<Response>;

/** Sends a request and wraps connection failures, but not aborts, in a NetworkError. */
function withNetworkErrors(fetch: (request: Request) => Promise<Response>): typeof globalThis.fetch & Send {
  return async (input) => {
    const request = input as Request; // the generated client always passes a Request
    try {
      return await fetch(request);
    } catch (error) {
      throw request.signal.aborted ? error : new NetworkError(error);
    }
  };
}

/** Sends a request with a valid token, and once more with a renewed one on 401. */
function withAccessToken(keeper: SessionKeeper, send: Send): typeof globalThis.fetch {
  return async (input) => {
    const request = input as Request;
    const tokens = await keeper.tokens();
    if (!tokens || !request.headers.has("Authorization")) return send(request);

    const good = await unlessAborted(request.signal, keeper.fresh(tokens));
    const second = request.clone();
    const response = await send(authorize(request, good));
    if (response.status !== 401) return response;

    const next = await unlessAborted(request.signal, keeper.replace(good));
    if (!next) return response;
    response.body?.cancel().catch(() => {});
    return send(authorize(second, next));
  };
}

/** Adds the device token to a login. */
function withDeviceToken(keeper: SessionKeeper, send: Send): Send {
  return async (request) => {
    const token = new URL(request.url).pathname.endsWith(login) ? await keeper.device.get() : null;
    if (!token) return send(request);
    const body = JSON.stringify({ device_token: token, ...(await request.clone().json()) });
    const response = await send(new Request(request.clone(), { body }));
    if (response.status !== 422) return response;
    response.body?.cancel().catch(() => {});
    return send(request); // another release may not know the member or may expect another format
  };
}

/** Lets the browser send and store cookies. Pages of other sites cannot send the header. */
function withCookies(request: RequestInfo | URL): Request {
  const sent = new Request(request, { credentials: "include" });
  sent.headers.set("X-Token-Transport", "cookie" satisfies TokenTransport);
  return sent;
}

/**
 * Sends requests that start or end a session with cookies. Starting one excludes renewals of other
 * tabs: a late refusal would delete the new cookie.
 */
function withSessionCookies(keeper: SessionKeeper, send: Send): Send {
  return async (request) => {
    const is = (path: string) => new URL(request.url).pathname.endsWith(path);
    if (ending.some(is)) return send(withCookies(request));
    if (!starting.some(is)) return send(request);
    return keeper.exclusively(async () => {
      const response = await send(withCookies(request));
      if (response.ok && !isForeignPage(response)) await keeper.start((await response.clone().json()) as TokenResponse);
      return response;
    });
  };
}

function authorize(request: Request, { access_token }: Tokens): Request {
  request.headers.set("Authorization", `Bearer ${access_token}`);
  return request;
}

/** Rejects when the signal aborts. The promise itself continues, because other calls may share it. */
function unlessAborted<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

const methods = ["connect", "delete", "get", "head", "options", "patch", "post", "put", "trace"] as const;

/** Carries a redirect through the generated client, which knows only successes and errors. */
class Redirection {
  constructor(
    readonly request: Request,
    readonly response: Response,
  ) {}
}

/**
 * Creates the generated client with ProblemError as its errors. All other failures are thrown, even
 * with `throwOnError: false`.
 */
function makeClient(config: Config & { fetch: typeof fetch }): Client {
  const client = createClient(config);
  client.interceptors.response.use((response, _request, options) => {
    if (isForeignPage(response)) throw toProblemError(response, undefined);
    if (options.parseAs === "auto") options.parseAs = readAs(response.headers.get("Content-Type"));
    return response;
  });
  client.interceptors.error.use((error, response, request) => {
    if (isProblem(error)) return error; // from the renewal or a foreign page
    if (!response || isNetworkError(error)) throw error;
    if (request && isRedirection(response)) throw new Redirection(request, response);
    if (!(error instanceof Error) || error instanceof SyntaxError) return toProblemError(response, error);
    throw error instanceof TypeError ? new NetworkError(error) : error; // the body was cut off, or the signal aborted
  });
  for (const method of [...methods, "request"] as const) client[method] = wrap(client, client[method]) as never;
  for (const method of methods) {
    client.sse[method] = wrapSubscribe(wrap(client, client.sse[method]) as never, config.fetch) as never;
  }
  return client;
}

/** Wraps a method of the generated client. */
function wrap(client: Client, method: unknown) {
  const send = method as (options: object) => Promise<unknown>;
  // Operations pass all their options, but Deno's fetch takes a `client` option for its own.
  return async ({ client: _, ...options }: Config & { client?: Client }): Promise<unknown> => {
    const { baseUrl = "", responseStyle } = { ...client.getConfig(), ...options };
    checkBaseUrl(baseUrl);
    try {
      return await send(options);
    } catch (error) {
      if (!(error instanceof Redirection)) throw error;
      return responseStyle === "data" ? undefined : { data: undefined, ...error };
    }
  };
}
