import type { TokenResponse } from "./gen/types.gen.js";
import { type DeviceStorage, type Tokens, type TokenStorage } from "./storage.js";
/**
 * What happened to the session. It ends by `logout` (or by deleting the account), because the API `refused` to renew it,
 * or `elsewhere`: in another tab that shares the storage.
 */
export type SessionEvent = {
    readonly type: "started";
} | {
    readonly type: "ended";
    readonly reason: SessionEnd;
};
export type SessionEnd = "logout" | "refused" | "elsewhere";
export type SessionListener = (event: SessionEvent) => void;
/** Sends a refresh token to the API. Fails with a ProblemError or a NetworkError. */
export type Renew = (refreshToken: string) => Promise<TokenResponse>;
/** Stores the tokens of one session, and renews them: one renewal at a time, in all tabs that share the storage. */
export declare class SessionKeeper {
    #private;
    /** Keeps what marks this device, across sessions. */
    readonly device: DeviceStorage;
    constructor(storage: TokenStorage, renew: Renew);
    /** Returns what the storage has now, and tells listeners if another session is there than before. */
    tokens(): Promise<Tokens | null>;
    listen(listener: SessionListener): () => void;
    /** Begins a session with the tokens that registering or logging in brought. */
    start(answer: TokenResponse): Promise<void>;
    end(reason: SessionEnd): Promise<void>;
    /** Returns tokens that are good for a request now. They are the given ones unless those are about to expire. */
    fresh(tokens: Tokens): Promise<Tokens>;
    /**
     * Returns tokens of the same session to replace the given ones, which are invalid: those that another tab got meanwhile,
     * or new ones. Null if the session has ended.
     */
    replace(used: Tokens): Promise<Tokens | null>;
}
