import type { TokenTransport } from "./gen/types.gen.js";

/** The tokens of a session. Opaque, except for `expires_at`. */
export interface Tokens {
  readonly access_token: string;
  /** Absent with {@link inCookie}: the browser has it in a cookie. */
  readonly refresh_token?: string;
  /** Expiry of the access token, in milliseconds since 1970 by the local clock. */
  readonly expires_at: number;
  /** Distinguishes sessions locally. Neither a secret nor the API's session id. */
  readonly session: string;
}

/** Stores the tokens of a client. */
export interface TokenStorage {
  /**
   * Returns the tokens that were set last, by any client that shares the storage; null without a
   * session.
   */
  get(): Tokens | null | Promise<Tokens | null>;
  set(tokens: Tokens | null): void | Promise<void>;
  /** Where refresh tokens travel; `body` by default. With `cookie` the client never sees them. */
  readonly transport?: TokenTransport;
  /**
   * Stores the device token, which outlives sessions: the API does not throttle logins from a known
   * device because of failed logins elsewhere. Without it the token is kept in memory.
   */
  readonly device?: DeviceStorage;
  /**
   * Runs `work` exclusively among the clients that share the storage. Optional for storage that is
   * not shared.
   */
  exclusively?<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Calls `listener` when another client has set the tokens. Returns a function that unsubscribes. */
  onChange?(listener: () => void): () => void;
}

/** Stores the device token of a client. */
export interface DeviceStorage {
  get(): string | null | Promise<string | null>;
  set(token: string): void | Promise<void>;
}

/** Stores tokens in memory: a reload deletes them, and tabs do not share them. */
export function inMemory(): TokenStorage {
  let kept: Tokens | null = null;
  return {
    device: deviceInMemory(),
    get: () => kept,
    set: (tokens) => {
      kept = tokens;
    },
  };
}

export function deviceInMemory(): DeviceStorage {
  let kept: string | null = null;
  return {
    get: () => kept,
    set: (token) => {
      kept = token;
    },
  };
}

/** The storage of clients on a server: there is no session, and starting one is an error. */
export function withoutSession(what: string): TokenStorage {
  const refuse = (value: unknown) => {
    if (value) throw new Error(sharedSession(what));
  };
  return { get: () => null, set: refuse, device: { get: () => null, set: refuse } };
}

/** Whether this is a program such as Node.js, where users may share the memory. */
export const isServer = () => !("window" in globalThis) && !("WorkerGlobalScope" in globalThis);

export const sharedSession = (what: string) =>
  `${what} cannot keep a session on a server, where all requests would share it. Create a client with inMemory() for ` +
  "each request, and pass it to the operations.";
