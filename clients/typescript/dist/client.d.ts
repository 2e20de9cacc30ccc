import { type Client } from "./gen/client/index.js";
import { type SessionListener } from "./session.js";
import { type TokenStorage } from "./storage.js";
export interface PlinthClientOptions {
    /** The URL of the API, such as `https://api.example.com`. */
    baseUrl: string;
    /** Stores the tokens; in memory by default. */
    storage?: TokenStorage;
    /** Sends the requests; the platform's `fetch` by default. */
    fetch?: typeof fetch;
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
/**
 * Creates a client that keeps the session alive. `registerUser` and `loginUser` start a session;
 * operations that need one send its access token, which is renewed shortly before it expires or
 * when the API rejects it.
 *
 * Operations reject with a {@link ProblemError} if the API sends an error response, and with a
 * {@link NetworkError} if it cannot be reached.
 */
export declare function createPlinthClient(options: PlinthClientOptions): PlinthClient;
