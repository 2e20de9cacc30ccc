import { checkBaseUrl, isForeignPage, isRedirection, readAs } from "./answers.js";
import { wrapSubscribe } from "./events.js";
import { createClient } from "./gen/client/index.js";
import { logoutUser, refreshTokens } from "./gen/sdk.gen.js";
import { isNetworkError, isProblem, NetworkError, toProblemError } from "./problems.js";
import { SessionKeeper } from "./session.js";
import { inMemory } from "./storage.js";
// Operations that start or end a session.
const login = "/api/v1/auth/login";
const starting = ["/api/v1/auth/register", login];
const ending = ["/api/v1/auth/logout-all", "/api/v1/users/me/deletion"];
// After this many milliseconds a renewal counts as lost and is retried.
const renewalTimeout = 5_000;
/**
 * Creates a client that keeps the session alive. `registerUser` and `loginUser` start a session;
 * operations that need one send its access token, which is renewed shortly before it expires or
 * when the API rejects it.
 *
 * Operations reject with a {@link ProblemError} if the API sends an error response, and with a
 * {@link NetworkError} if it cannot be reached.
 */
export function createPlinthClient(options) {
    const transport = withNetworkErrors(options.fetch ?? ((request) => globalThis.fetch(request)));
    const config = { baseUrl: options.baseUrl, parseAs: "auto", throwOnError: true };
    const bare = makeClient({ ...config, fetch: transport });
    const keeper = new SessionKeeper(options.storage ?? inMemory(), async (refresh_token) => {
        const signal = AbortSignal.timeout(renewalTimeout);
        try {
            return (await refreshTokens({ client: bare, body: { refresh_token }, signal })).data;
        }
        catch (error) {
            throw signal.aborted ? new NetworkError(error) : error;
        }
    });
    const client = makeClient({
        ...config,
        fetch: withAccessToken(keeper, withDeviceToken(keeper, transport)),
        auth: async () => (await keeper.tokens())?.access_token,
    });
    client.interceptors.response.use(async (response, _request, { url }) => {
        if (response.ok && starting.includes(url))
            await keeper.start((await response.clone().json()));
        if (response.ok && ending.includes(url))
            await keeper.end("logout");
        return response;
    });
    return {
        ...client,
        session: {
            isActive: async () => (await keeper.tokens()) !== null,
            logout: async () => {
                const tokens = await keeper.tokens();
                if (!tokens)
                    return;
                await keeper.end("logout");
                // keepalive: the page may be unloading.
                await logoutUser({ client: bare, body: { refresh_token: tokens.refresh_token }, keepalive: true });
            },
            onChange: (listener) => keeper.listen(listener),
        },
    };
}
/** Sends a request and wraps connection failures, but not aborts, in a NetworkError. */
function withNetworkErrors(fetch) {
    return async (input) => {
        const request = input; // the generated client always passes a Request
        try {
            return await fetch(request);
        }
        catch (error) {
            throw request.signal.aborted ? error : new NetworkError(error);
        }
    };
}
/** Sends a request with a valid token, and once more with a renewed one on 401. */
function withAccessToken(keeper, send) {
    return async (input) => {
        const request = input;
        const tokens = await keeper.tokens();
        if (!tokens || !request.headers.has("Authorization"))
            return send(request);
        const good = await unlessAborted(request.signal, keeper.fresh(tokens));
        const second = request.clone();
        const response = await send(authorize(request, good));
        if (response.status !== 401)
            return response;
        const next = await unlessAborted(request.signal, keeper.replace(good));
        if (!next)
            return response;
        response.body?.cancel().catch(() => { });
        return send(authorize(second, next));
    };
}
/** Adds the device token to a login. */
function withDeviceToken(keeper, send) {
    return async (request) => {
        const token = new URL(request.url).pathname.endsWith(login) ? await keeper.device.get() : null;
        if (!token)
            return send(request);
        const body = JSON.stringify({ device_token: token, ...(await request.clone().json()) });
        const response = await send(new Request(request.clone(), { body }));
        if (response.status !== 422)
            return response;
        response.body?.cancel().catch(() => { });
        return send(request); // another release may not know the member or may expect another format
    };
}
function authorize(request, { access_token }) {
    request.headers.set("Authorization", `Bearer ${access_token}`);
    return request;
}
/** Rejects when the signal aborts. The promise itself continues, because other calls may share it. */
function unlessAborted(signal, promise) {
    return new Promise((resolve, reject) => {
        const abort = () => reject(signal.reason);
        if (signal.aborted)
            abort();
        signal.addEventListener("abort", abort, { once: true });
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
}
const methods = ["connect", "delete", "get", "head", "options", "patch", "post", "put", "trace"];
/** Carries a redirect through the generated client, which knows only successes and errors. */
class Redirection {
    request;
    response;
    constructor(request, response) {
        this.request = request;
        this.response = response;
    }
}
/**
 * Creates the generated client with ProblemError as its errors. All other failures are thrown, even
 * with `throwOnError: false`.
 */
function makeClient(config) {
    const client = createClient(config);
    client.interceptors.response.use((response, _request, options) => {
        if (isForeignPage(response))
            throw toProblemError(response, undefined);
        if (options.parseAs === "auto")
            options.parseAs = readAs(response.headers.get("Content-Type"));
        return response;
    });
    client.interceptors.error.use((error, response, request) => {
        if (isProblem(error))
            return error; // from the renewal or a foreign page
        if (!response || isNetworkError(error))
            throw error;
        if (request && isRedirection(response))
            throw new Redirection(request, response);
        if (!(error instanceof Error) || error instanceof SyntaxError)
            return toProblemError(response, error);
        throw error instanceof TypeError ? new NetworkError(error) : error; // the body was cut off, or the signal aborted
    });
    for (const method of [...methods, "request"])
        client[method] = wrap(client, client[method]);
    for (const method of methods) {
        client.sse[method] = wrapSubscribe(wrap(client, client.sse[method]), config.fetch);
    }
    return client;
}
/** Wraps a method of the generated client. */
function wrap(client, method) {
    const send = method;
    // Operations pass all their options, but Deno's fetch takes a `client` option for its own.
    return async ({ client: _, ...options }) => {
        const { baseUrl = "", responseStyle } = { ...client.getConfig(), ...options };
        checkBaseUrl(baseUrl);
        try {
            return await send(options);
        }
        catch (error) {
            if (!(error instanceof Redirection))
                throw error;
            return responseStyle === "data" ? undefined : { data: undefined, ...error };
        }
    };
}
