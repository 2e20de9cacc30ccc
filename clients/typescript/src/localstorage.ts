import { lease, pause } from "./lease.js";
import { inMemory, isServer, withoutSession, type Tokens, type TokenStorage } from "./storage.js";

// Longer than any renewal takes. A tab that waits longer, because the holder is frozen, continues
// without the lock: within its grace period the API gives both renewals the same tokens.
const patience = 20_000;

// Upper bound of the delay until a write to the storage is visible in other tabs.
const settle = 50;

/**
 * Stores tokens in localStorage: they survive a reload, and all tabs of the origin share one
 * session. Any script in the page can read them, so use a Content-Security-Policy that blocks
 * injected scripts.
 *
 * In a browser that disables localStorage tokens are stored in memory. On a server there is no
 * session, and starting one is an error.
 */
export function inLocalStorage(key = "plinth.tokens"): TokenStorage {
  const storage = available();
  if (!storage) return isServer() ? withoutSession("inLocalStorage()") : inMemory();
  return {
    get: () => parse(storage.getItem(key)),
    set: (tokens) => (tokens ? storage.setItem(key, JSON.stringify(tokens)) : storage.removeItem(key)),
    device: { get: () => storage.getItem(`${key}.device`), set: (token) => storage.setItem(`${key}.device`, token) },
    ...shared(storage, key),
  };
}

/** What tabs that share an item of localStorage need to agree. */
export function shared(storage: Storage, key: string): Required<Pick<TokenStorage, "exclusively" | "onChange">> {
  return {
    exclusively: (work) => exclusively(storage, `${key}.lock`, work),
    onChange: (listener) => {
      const onStorage = (event: StorageEvent) => {
        if (event.storageArea === storage && (event.key === key || event.key === null)) listener();
      };
      addEventListener("storage", onStorage);
      return () => removeEventListener("storage", onStorage);
    },
  };
}

export function available(): Storage | undefined {
  try {
    return typeof addEventListener === "function" ? globalThis.localStorage : undefined;
  } catch {
    return undefined; // disabled by the browser's settings
  }
}

/**
 * Parses stored tokens. Any other value, such as one of an older release, means that there is no
 * session.
 */
function parse(text: string | null): Tokens | null {
  try {
    const value = JSON.parse(text ?? "null") as Partial<Tokens> | null;
    const texts = [value?.access_token, value?.refresh_token, value?.session];
    const valid = texts.every((part) => typeof part === "string") && typeof value?.expires_at === "number";
    return valid ? (value as Tokens) : null;
  } catch {
    return null;
  }
}

/** Uses Web Locks where available, which is in secure contexts only, else a lease. */
async function exclusively<Result>(storage: Storage, name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return lease(storage, name, patience, work);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  let began = false;
  const begin = async () => {
    began = true;
    clearTimeout(timer);
    await pause(settle); // another process may release the lock before its write is visible here
    return work();
  };
  try {
    return await locks.request(name, { signal: waiting.signal }, begin);
  } catch (error) {
    if (began || !waiting.signal.aborted) throw error;
    return work();
  }
}
