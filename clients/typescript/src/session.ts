import type { TokenResponse } from "./gen/types.gen.js";
import { pause } from "./lease.js";
import { isNetworkError, isProblem } from "./problems.js";
import { deviceInMemory, type DeviceStorage, type Tokens, type TokenStorage } from "./storage.js";

/**
 * A change of the session. It ends by `logout` (or by deleting the account), because the API
 * `refused` to renew it, or `elsewhere`: in another tab that shares the storage.
 */
export type SessionEvent = { readonly type: "started" } | { readonly type: "ended"; readonly reason: SessionEnd };

export type SessionEnd = "logout" | "refused" | "elsewhere";

export type SessionListener = (event: SessionEvent) => void;

/** Exchanges the refresh token of the tokens at the API. Rejects with a ProblemError or a NetworkError. */
export type Renew = (tokens: Tokens) => Promise<TokenResponse>;

// An access token with fewer milliseconds left might expire in transit.
const margin = 10_000;

// Delays before retries of a lost renewal. Within a grace period the API repeats its response to a
// refresh token.
const pauses = [200, 800];

/**
 * Holds the session and renews its tokens. Concurrent calls, also in other tabs that share the
 * storage, share one renewal.
 */
export class SessionKeeper {
  /** Stores the device token, across sessions. */
  readonly device: DeviceStorage;
  readonly #storage: TokenStorage;
  readonly #renew: Renew;
  readonly #listeners = new Set<SessionListener>();
  readonly #renewals = new Map<string, Promise<Tokens | null>>(); // in progress, by the access token to be replaced
  #known: string | null | undefined; // the session that listeners know; undefined before the first read
  #reason: SessionEnd = "elsewhere"; // reported when the known session has ended

  constructor(storage: TokenStorage, renew: Renew) {
    this.#storage = storage;
    this.device = storage.device ?? deviceInMemory();
    this.#renew = renew;
    const read = () => void this.tokens().catch(() => {}); // calls report storage failures
    storage.onChange?.(read);
    read();
  }

  /** Returns the stored tokens, and notifies listeners if the session has changed. */
  async tokens(): Promise<Tokens | null> {
    const tokens = await this.#storage.get();
    this.#observe(tokens?.session ?? null);
    return tokens;
  }

  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Starts a session with the tokens of a registration or a login. */
  async start(response: TokenResponse): Promise<void> {
    // Not a secret, so Math.random suffices; randomUUID exists in secure contexts only.
    const session = Date.now().toString(36) + Math.random().toString(36).slice(1);
    this.#known ??= null;
    if (response.device_token) await this.device.set(response.device_token);
    await this.#storage.set(toTokens(response, session));
    this.#observe(session);
  }

  /** Runs `work` when no other tab renews the tokens or runs such work. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#storage.exclusively ? this.#storage.exclusively(work) : work();
  }

  async end(reason: SessionEnd): Promise<void> {
    this.#reason = reason;
    try {
      await this.#storage.set(null);
      this.#observe(null);
    } finally {
      this.#reason = "elsewhere";
    }
  }

  /**
   * Returns tokens that are valid for a request: the given ones, or new ones if those are about to
   * expire.
   */
  async fresh(tokens: Tokens): Promise<Tokens> {
    const isValidFor = (milliseconds: number) => tokens.expires_at - Date.now() > milliseconds;
    if (isValidFor(margin)) return tokens;
    try {
      return (await this.replace(tokens)) ?? tokens; // the session has ended, and the API's response says so
    } catch (error) {
      if (isValidFor(0)) return tokens; // the next request tries again
      throw error;
    }
  }

  /**
   * Returns newer tokens of the same session: stored by another tab in the meantime, or renewed.
   * Null if the session has ended.
   */
  replace(used: Tokens): Promise<Tokens | null> {
    const key = used.access_token;
    const renewal = this.#renewals.get(key) ?? this.#renewExclusively(used).finally(() => this.#renewals.delete(key));
    this.#renewals.set(key, renewal);
    return renewal;
  }

  async #renewExclusively(used: Tokens): Promise<Tokens | null> {
    const work = async () => {
      const now = await this.#currentOf(used);
      if (now?.access_token !== used.access_token) return now; // the session ended, or the tokens were renewed already
      return this.#exchange(now);
    };
    return this.exclusively(work);
  }

  async #exchange(old: Tokens): Promise<Tokens | null> {
    let response: TokenResponse;
    try {
      response = await this.#renewWithRetries(old);
    } catch (error) {
      if (!isProblem(error, "invalid_refresh_token")) throw error; // the session may still be valid
      const now = await this.#currentOf(old);
      if (now?.access_token !== old.access_token) return now;
      await this.end("refused");
      return null;
    }
    const now = await this.#currentOf(old);
    if (now?.access_token !== old.access_token) return now;
    const tokens = toTokens(response, old.session);
    await this.#storage.set(tokens);
    return tokens;
  }

  async #renewWithRetries(tokens: Tokens): Promise<TokenResponse> {
    for (const milliseconds of pauses) {
      try {
        return await this.#renew(tokens);
      } catch (error) {
        if (!isNetworkError(error)) throw error;
      }
      await pause(milliseconds);
    }
    return this.#renew(tokens);
  }

  /**
   * Returns the current tokens of the session of `old`. Another tab may have renewed them, even
   * during this tab's renewal. Null if the session has ended or another one has replaced it.
   */
  async #currentOf(old: Tokens): Promise<Tokens | null> {
    const now = await this.tokens();
    return now?.session === old.session ? now : null;
  }

  #observe(session: string | null): void {
    const before = this.#known;
    this.#known = session;
    if (before === undefined || before === session) return;
    if (before !== null) this.#notify({ type: "ended", reason: this.#reason });
    if (session !== null) this.#notify({ type: "started" });
  }

  #notify(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function toTokens(response: TokenResponse, session: string): Tokens {
  const { access_token, refresh_token, expires_in } = response;
  return { access_token, ...(refresh_token && { refresh_token }), session, expires_at: Date.now() + expires_in * 1000 };
}
