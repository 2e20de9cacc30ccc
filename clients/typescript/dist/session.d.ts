import type { TokenResponse } from "./gen/types.gen.js";
import { type DeviceStorage, type Tokens, type TokenStorage } from "./storage.js";
/**
 * A change of the session. It ends by `logout` (or by deleting the account), because the API
 * `refused` to renew it, or `elsewhere`: in another tab that shares the storage.
 */
export type SessionEvent = {
    readonly type: "started";
} | {
    readonly type: "ended";
    readonly reason: SessionEnd;
};
export type SessionEnd = "logout" | "refused" | "elsewhere";
export type SessionListener = (event: SessionEvent) => void;
/** Exchanges a refresh token at the API. Rejects with a ProblemError or a NetworkError. */
export type Renew = (refreshToken: string) => Promise<TokenResponse>;
/**
 * Holds the session and renews its tokens. Concurrent calls, also in other tabs that share the
 * storage, share one renewal.
 */
export declare class SessionKeeper {
    #private;
    /** Stores the device token, across sessions. */
    readonly device: DeviceStorage;
    constructor(storage: TokenStorage, renew: Renew);
    /** Returns the stored tokens, and notifies listeners if the session has changed. */
    tokens(): Promise<Tokens | null>;
    listen(listener: SessionListener): () => void;
    /** Starts a session with the tokens of a registration or a login. */
    start(response: TokenResponse): Promise<void>;
    end(reason: SessionEnd): Promise<void>;
    /**
     * Returns tokens that are valid for a request: the given ones, or new ones if those are about to
     * expire.
     */
    fresh(tokens: Tokens): Promise<Tokens>;
    /**
     * Returns newer tokens of the same session: stored by another tab in the meantime, or renewed.
     * Null if the session has ended.
     */
    replace(used: Tokens): Promise<Tokens | null>;
}
