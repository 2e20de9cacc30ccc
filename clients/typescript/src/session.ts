import type { TokenResponse } from "./gen/types.gen.js";
import { pause } from "./lease.js";
import { isNetworkError, isProblem } from "./problems.js";
import { deviceInMemory, type DeviceStorage, type Tokens, type TokenStorage } from "./storage.js";

/**
 * What happened to the session. It ends by `logout` (or by deleting the account), because the API `refused` to renew it,
 * or `elsewhere`: in another tab that shares the storage.
 */
export type SessionEvent = { readonly type: "started" } | { readonly type: "ended"; readonly reason: SessionEnd };

export type SessionEnd = "logout" | "refused" | "elsewhere";

export type SessionListener = (event: SessionEvent) => void;

/** Sends a refresh token to the API. Fails with a ProblemError or a NetworkError. */
export type Renew = (refreshToken: string) => Promise<TokenResponse>;

// An access token with less than this left might not survive the way to the API.
const margin = 10_000;

// Between attempts at a renewal whose answer got lost. The API answers the same refresh token alike within its grace.
const pauses = [200, 800];

/** Stores the tokens of one session, and renews them: one renewal at a time, in all tabs that share the storage. */
export class SessionKeeper {
  /** Keeps what marks this device, across sessions. */
  readonly device: DeviceStorage;
  readonly #storage: TokenStorage;
  readonly #renew: Renew;
  readonly #listeners = new Set<SessionListener>();
  readonly #renewals = new Map<string, Promise<Tokens | null>>(); // in progress, by the access token that is no good
  #known: string | null | undefined; // the session that listeners know of; undefined before the first look
  #reason: SessionEnd = "elsewhere"; // why a session is gone that was there before

  constructor(storage: TokenStorage, renew: Renew) {
    this.#storage = storage;
    this.device = storage.device ?? deviceInMemory();
    this.#renew = renew;
    const look = () => void this.tokens().catch(() => {}); // a storage that fails tells those who need it
    storage.onChange?.(look);
    look();
  }

  /** Returns what the storage has now, and tells listeners if another session is there than before. */
  async tokens(): Promise<Tokens | null> {
    const tokens = await this.#storage.get();
    this.#observe(tokens?.session ?? null);
    return tokens;
  }

  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins a session with the tokens that registering or logging in brought. */
  async start(answer: TokenResponse): Promise<void> {
    // Told apart by chance and time; randomUUID exists in secure contexts only, and nothing rests on it.
    const session = Date.now().toString(36) + Math.random().toString(36).slice(1);
    this.#known ??= null;
    if (answer.device_token) await this.device.set(answer.device_token);
    await this.#storage.set(toTokens(answer, session));
    this.#observe(session);
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

  /** Returns tokens that are good for a request now. They are the given ones unless those are about to expire. */
  async fresh(tokens: Tokens): Promise<Tokens> {
    const lives = (atLeast: number) => tokens.expires_at - Date.now() > atLeast;
    if (lives(margin)) return tokens;
    try {
      return (await this.replace(tokens)) ?? tokens; // the session has ended: let the API say so
    } catch (error) {
      if (lives(0)) return tokens; // the next request tries again
      throw error;
    }
  }

  /**
   * Returns tokens of the same session to replace the given ones, which are invalid: those that another tab got meanwhile,
   * or new ones. Null if the session has ended.
   */
  replace(used: Tokens): Promise<Tokens | null> {
    const key = used.access_token;
    const renewal = this.#renewals.get(key) ?? this.#renewExclusively(used).finally(() => this.#renewals.delete(key));
    this.#renewals.set(key, renewal);
    return renewal;
  }

  async #renewExclusively(used: Tokens): Promise<Tokens | null> {
    const work = async () => {
      const now = await this.#successorOf(used);
      if (now?.access_token !== used.access_token) return now; // the session ended, another tab was first, or the caller is late
      return this.#exchange(now);
    };
    return this.#storage.exclusively ? this.#storage.exclusively(work) : work();
  }

  async #exchange(old: Tokens): Promise<Tokens | null> {
    let answer: TokenResponse;
    try {
      answer = await this.#persistently(old.refresh_token);
    } catch (error) {
      if (!isProblem(error, "invalid_refresh_token")) throw error; // the session may well go on
      const now = await this.#successorOf(old);
      if (now?.refresh_token !== old.refresh_token) return now;
      await this.end("refused");
      return null;
    }
    const now = await this.#successorOf(old);
    if (now?.refresh_token !== old.refresh_token) return now;
    const tokens = toTokens(answer, old.session);
    await this.#storage.set(tokens);
    return tokens;
  }

  async #persistently(refreshToken: string): Promise<TokenResponse> {
    for (const milliseconds of pauses) {
      try {
        return await this.#renew(refreshToken);
      } catch (error) {
        if (!isNetworkError(error)) throw error;
      }
      await pause(milliseconds);
    }
    return this.#renew(refreshToken);
  }

  /**
   * Returns what has become of tokens: often nothing. Another tab may have renewed them, also while this one did, if it could
   * not see that in time. Null after a concurrent sign-out, or a sign-in of another user.
   */
  async #successorOf(old: Tokens): Promise<Tokens | null> {
    const now = await this.tokens();
    return now?.session === old.session ? now : null;
  }

  #observe(session: string | null): void {
    const before = this.#known;
    this.#known = session;
    if (before === undefined || before === session) return;
    if (before !== null) this.#tell({ type: "ended", reason: this.#reason });
    if (session !== null) this.#tell({ type: "started" });
  }

  #tell(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function toTokens(answer: TokenResponse, session: string): Tokens {
  const { access_token, refresh_token, expires_in } = answer;
  return { access_token, refresh_token, session, expires_at: Date.now() + expires_in * 1000 };
}
