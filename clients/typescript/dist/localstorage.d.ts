import { type TokenStorage } from "./storage.js";
/**
 * Stores tokens in localStorage: they survive a reload, and all tabs of the origin share one
 * session. Any script in the page can read them, so use a Content-Security-Policy that blocks
 * injected scripts.
 *
 * Without localStorage (on a server, or in a browser that disables it) tokens are stored in memory.
 */
export declare function inLocalStorage(key?: string): TokenStorage;
