import { type Client } from "./gen/client/index.js";
import { type SessionListener } from "./session.js";
import { type TokenStorage } from "./storage.js";
export interface PlinthClientOptions {
    /** Where the API is, such as `https://api.example.com`. */
    baseUrl: string;
    /** Where tokens are kept; in memory if not given. */
    storage?: TokenStorage;
    /** Sends the requests; the platform's own if not given. */
    fetch?: typeof fetch;
}
/** A client of the API. Pass it to the operations: `getCurrentUser({ client })`. */
export interface PlinthClient extends Client {
    readonly session: {
        /** Whether a user is signed in, as far as the stored tokens tell. */
        isActive(): Promise<boolean>;
        /**
         * Signs out: forgets the tokens, whatever happens, and then ends the session at the API. Rejects if that failed; the
         * session then ends by itself when it has not been used for some days.
         */
        logout(): Promise<void>;
        /** Tells when a session has started or ended, also in another tab. Returns what ends that. */
        onChange(listener: SessionListener): () => void;
    };
}
/**
 * Makes a client that keeps its caller signed in: `registerUser` and `loginUser` start a session, every operation that
 * needs one sends its token, and the token is renewed shortly before it expires or when the API refuses it.
 *
 * Operations reject with a {@link ProblemError} if the API refuses, with a {@link NetworkError} if it cannot be reached.
 */
export declare function createPlinthClient(options: PlinthClientOptions): PlinthClient;
