import { lease, pause } from "./lease.js";
import { inMemory, type Tokens, type TokenStorage } from "./storage.js";

// Longer than any renewal takes. A tab that waits for a frozen tab continues without it: if both renew after all, the API
// returns the same successor to both within its grace period.
const patience = 20_000;

// How long what a tab stores takes to be seen by the others, generously.
const settle = 50;

/**
 * Keeps tokens in localStorage: they outlive a reload, and all tabs of the origin share one session. Any script that runs
 * in the page can read them, so this needs a Content-Security-Policy that lets none in.
 *
 * Where there is no localStorage (on a server, or in a browser that forbids it) tokens are kept in memory.
 */
export function inLocalStorage(key = "plinth.tokens"): TokenStorage {
  const storage = available();
  if (!storage) return inMemory();
  return {
    get: () => parse(storage.getItem(key)),
    set: (tokens) => (tokens ? storage.setItem(key, JSON.stringify(tokens)) : storage.removeItem(key)),
    device: { get: () => storage.getItem(`${key}.device`), set: (token) => storage.setItem(`${key}.device`, token) },
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

function available(): Storage | undefined {
  try {
    return typeof addEventListener === "function" ? globalThis.localStorage : undefined;
  } catch {
    return undefined; // the browser's settings forbid it
  }
}

/** Stored data that is not tokens, such as that of an older release, means signed out. */
function parse(text: string | null): Tokens | null {
  try {
    const value = JSON.parse(text ?? "null") as Partial<Tokens> | null;
    const texts = [value?.access_token, value?.refresh_token, value?.session];
    const sound = texts.every((part) => typeof part === "string") && typeof value?.expires_at === "number";
    return sound ? (value as Tokens) : null;
  } catch {
    return null;
  }
}

/** Web Locks where there are any: browsers have them in secure contexts only. */
async function exclusively<Result>(storage: Storage, name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return lease(storage, name, patience, work);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  let began = false;
  const begin = async () => {
    began = true;
    clearTimeout(timer);
    await pause(settle); // a lock may come from another process sooner than what its last holder has stored
    return work();
  };
  try {
    return await locks.request(name, { signal: waiting.signal }, begin);
  } catch (error) {
    if (began || !waiting.signal.aborted) throw error;
    return work();
  }
}
