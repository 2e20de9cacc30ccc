import { available, shared } from "./localstorage.js";
import { isServer, withoutSession, type Tokens, type TokenStorage } from "./storage.js";

/**
 * Leaves refresh tokens to the browser, in a cookie that scripts cannot read, and stores access
 * tokens in memory. The session survives a reload, and all tabs of the origin share it: after a
 * reload the first call renews the access token.
 *
 * The API must have `TOKEN_COOKIES_ENABLED`, and be on the same site as the page. localStorage has
 * only a random name of the session under `key`, so that tabs notice its start and end, and pages
 * without a session send no renewal.
 */
export function inCookie(key = "plinth.session"): TokenStorage {
  if (isServer()) return withoutSession("inCookie()");
  const storage = available();
  let kept: Tokens | null = null;
  let name: string | null = storage ? null : "unknown"; // without localStorage a renewal finds out
  return {
    transport: "cookie",
    get: () => {
      const session = storage ? storage.getItem(key) : name;
      if (session !== kept?.session) kept = null;
      return kept ?? (session === null ? null : { access_token: "expired", expires_at: 0, session });
    },
    set: (tokens) => {
      kept = tokens;
      name = tokens?.session ?? null;
      if (name === null) storage?.removeItem(key);
      else storage?.setItem(key, name);
    },
    ...(storage && shared(storage, key)),
  };
}
