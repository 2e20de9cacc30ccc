/** What a session is made of. Opaque, but for `expires_at`. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  /** When the access token stops working, in milliseconds since 1970 by this machine's clock. */
  readonly expires_at: number;
  /** Tells this session from the next one. Not a secret, and not the API's identifier. */
  readonly session: string;
}

/** Where a client keeps its tokens. */
export interface TokenStorage {
  /** Returns the last value, of any tab that shares the storage; null if signed out. */
  get(): Tokens | null | Promise<Tokens | null>;
  set(tokens: Tokens | null): void | Promise<void>;
  /**
   * Keeps the device token, which outlives sessions: the API lets a device that it knows log in while others guess at the
   * password. Storage without it forgets the device with the client.
   */
  readonly device?: DeviceStorage;
  /** Runs `work` exclusively among all tabs that share the storage. Optional for storage that is not shared. */
  exclusively?<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Calls `listener` when another tab that shares the storage has set it. Returns the function to unsubscribe. */
  onChange?(listener: () => void): () => void;
}

/** Where a client keeps its device token. */
export interface DeviceStorage {
  get(): string | null | Promise<string | null>;
  set(token: string): void | Promise<void>;
}

/** Keeps tokens in memory: a reload forgets them, and no other tab has them. */
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
