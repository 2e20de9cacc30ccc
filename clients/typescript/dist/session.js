import { pause } from "./lease.js";
import { isNetworkError, isProblem } from "./problems.js";
import { deviceInMemory } from "./storage.js";
// An access token with fewer milliseconds left might expire in transit.
const margin = 10_000;
// Delays before retries of a lost renewal. Within a grace period the API repeats its response to a
// refresh token.
const pauses = [200, 800];
/**
 * Holds the session and renews its tokens. Concurrent calls, also in other tabs that share the
 * storage, share one renewal.
 */
export class SessionKeeper {
    /** Stores the device token, across sessions. */
    device;
    #storage;
    #renew;
    #listeners = new Set();
    #renewals = new Map(); // in progress, by the access token to be replaced
    #known; // the session that listeners know; undefined before the first read
    #reason = "elsewhere"; // reported when the known session has ended
    constructor(storage, renew) {
        this.#storage = storage;
        this.device = storage.device ?? deviceInMemory();
        this.#renew = renew;
        const read = () => void this.tokens().catch(() => { }); // calls report storage failures
        storage.onChange?.(read);
        read();
    }
    /** Returns the stored tokens, and notifies listeners if the session has changed. */
    async tokens() {
        const tokens = await this.#storage.get();
        this.#observe(tokens?.session ?? null);
        return tokens;
    }
    listen(listener) {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
    }
    /** Starts a session with the tokens of a registration or a login. */
    async start(response) {
        // Not a secret, so Math.random suffices; randomUUID exists in secure contexts only.
        const session = Date.now().toString(36) + Math.random().toString(36).slice(1);
        this.#known ??= null;
        if (response.device_token)
            await this.device.set(response.device_token);
        await this.#storage.set(toTokens(response, session));
        this.#observe(session);
    }
    async end(reason) {
        this.#reason = reason;
        try {
            await this.#storage.set(null);
            this.#observe(null);
        }
        finally {
            this.#reason = "elsewhere";
        }
    }
    /**
     * Returns tokens that are valid for a request: the given ones, or new ones if those are about to
     * expire.
     */
    async fresh(tokens) {
        const isValidFor = (milliseconds) => tokens.expires_at - Date.now() > milliseconds;
        if (isValidFor(margin))
            return tokens;
        try {
            return (await this.replace(tokens)) ?? tokens; // the session has ended, and the API's response says so
        }
        catch (error) {
            if (isValidFor(0))
                return tokens; // the next request tries again
            throw error;
        }
    }
    /**
     * Returns newer tokens of the same session: stored by another tab in the meantime, or renewed.
     * Null if the session has ended.
     */
    replace(used) {
        const key = used.access_token;
        const renewal = this.#renewals.get(key) ?? this.#renewExclusively(used).finally(() => this.#renewals.delete(key));
        this.#renewals.set(key, renewal);
        return renewal;
    }
    async #renewExclusively(used) {
        const work = async () => {
            const now = await this.#currentOf(used);
            if (now?.access_token !== used.access_token)
                return now; // the session ended, or the tokens were renewed already
            return this.#exchange(now);
        };
        return this.#storage.exclusively ? this.#storage.exclusively(work) : work();
    }
    async #exchange(old) {
        let response;
        try {
            response = await this.#renewWithRetries(old.refresh_token);
        }
        catch (error) {
            if (!isProblem(error, "invalid_refresh_token"))
                throw error; // the session may still be valid
            const now = await this.#currentOf(old);
            if (now?.refresh_token !== old.refresh_token)
                return now;
            await this.end("refused");
            return null;
        }
        const now = await this.#currentOf(old);
        if (now?.refresh_token !== old.refresh_token)
            return now;
        const tokens = toTokens(response, old.session);
        await this.#storage.set(tokens);
        return tokens;
    }
    async #renewWithRetries(refreshToken) {
        for (const milliseconds of pauses) {
            try {
                return await this.#renew(refreshToken);
            }
            catch (error) {
                if (!isNetworkError(error))
                    throw error;
            }
            await pause(milliseconds);
        }
        return this.#renew(refreshToken);
    }
    /**
     * Returns the current tokens of the session of `old`. Another tab may have renewed them, even
     * during this tab's renewal. Null if the session has ended or another one has replaced it.
     */
    async #currentOf(old) {
        const now = await this.tokens();
        return now?.session === old.session ? now : null;
    }
    #observe(session) {
        const before = this.#known;
        this.#known = session;
        if (before === undefined || before === session)
            return;
        if (before !== null)
            this.#notify({ type: "ended", reason: this.#reason });
        if (session !== null)
            this.#notify({ type: "started" });
    }
    #notify(event) {
        for (const listener of [...this.#listeners])
            listener(event);
    }
}
function toTokens(response, session) {
    const { access_token, refresh_token, expires_in } = response;
    return { access_token, refresh_token, session, expires_at: Date.now() + expires_in * 1000 };
}
