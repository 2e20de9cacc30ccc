import { type TokenStorage } from "./storage.js";
/**
 * Keeps tokens in localStorage: they outlive a reload, and all tabs of the origin share one session. Any script that runs
 * in the page can read them, so this needs a Content-Security-Policy that lets none in.
 *
 * Where there is no localStorage (on a server, or in a browser that forbids it) tokens are kept in memory.
 */
export declare function inLocalStorage(key?: string): TokenStorage;
