import { checkBaseUrl, isForeignPage, isRedirection, readAs } from "./answers.js";
import { subscribing } from "./events.js";
import { createClient } from "./gen/client/index.js";
import { logoutUser, refreshTokens } from "./gen/sdk.gen.js";
import { isNetworkError, isProblem, NetworkError, refusal } from "./problems.js";
import { SessionKeeper } from "./session.js";
import { inMemory } from "./storage.js";
// Operations that the client itself has to know about.
const login = "/api/v1/auth/login";
const beginning = ["/api/v1/auth/register", login];
const ending = ["/api/v1/auth/logout-all", "/api/v1/users/me/deletion"];
// A renewal that takes longer has been lost.
const renewalTimeout = 5_000;
/**
 * Makes a client that keeps its caller signed in: `registerUser` and `loginUser` start a session, every operation that
 * needs one sends its token, and the token is renewed shortly before it expires or when the API refuses it.
 *
 * Operations reject with a {@link ProblemError} if the API refuses, with a {@link NetworkError} if it cannot be reached.
 */
export function createPlinthClient(options) {
    const transport = reaching(options.fetch ?? ((request) => globalThis.fetch(request)));
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
        fetch: authenticating(keeper, introducing(keeper, transport)),
        auth: async () => (await keeper.tokens())?.access_token,
    });
    client.interceptors.response.use(async (response, _request, { url }) => {
        if (response.ok && beginning.includes(url))
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
                // keepalive: the page may be on its way out.
                await logoutUser({ client: bare, body: { refresh_token: tokens.refresh_token }, keepalive: true });
            },
            onChange: (listener) => keeper.listen(listener),
        },
    };
}
/** Sends a request, and tells a connection that failed from a caller who gave up. */
function reaching(fetch) {
    return async (input) => {
        const request = input; // the generated client sends nothing else
        try {
            return await fetch(request);
        }
        catch (error) {
            throw request.signal.aborted ? error : new NetworkError(error);
        }
    };
}
/** Sends a request with a token that is good now, and again with the next one if the API refuses it all the same. */
function authenticating(keeper, send) {
    return async (input) => {
        const request = input;
        const tokens = await keeper.tokens();
        if (!tokens || !request.headers.has("Authorization"))
            return send(request);
        const good = await unlessAborted(request.signal, keeper.fresh(tokens));
        const second = request.clone();
        const response = await send(bear(request, good));
        if (response.status !== 401)
            return response;
        const next = await unlessAborted(request.signal, keeper.replace(good));
        if (!next)
            return response;
        response.body?.cancel().catch(() => { }); // the rest is not needed
        return send(bear(second, next));
    };
}
/** Sends the device token with a login. */
function introducing(keeper, send) {
    return async (request) => {
        const token = new URL(request.url).pathname.endsWith(login) ? await keeper.device.get() : null;
        if (!token)
            return send(request);
        const body = JSON.stringify({ device_token: token, ...(await request.clone().json()) });
        const response = await send(new Request(request.clone(), { body }));
        if (response.status !== 422)
            return response;
        response.body?.cancel().catch(() => { });
        return send(request); // a release before device tokens refuses the member, a later one perhaps its form
    };
}
function bear(request, { access_token }) {
    request.headers.set("Authorization", `Bearer ${access_token}`);
    return request;
}
/** Waits as long as the caller does. What is waited for goes on, as others may wait for it too. */
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
/** Carries a redirection past the generated client, which knows successes and errors only. */
class Redirection {
    request;
    response;
    constructor(request, response) {
        this.request = request;
        this.response = response;
    }
}
/** Makes the generated client, whose errors are refusals. Whatever else goes wrong is thrown, even with `throwOnError: false`. */
function makeClient(config) {
    const client = createClient(config);
    client.interceptors.response.use((response, _request, options) => {
        if (isForeignPage(response))
            throw refusal(response, undefined);
        if (options.parseAs === "auto")
            options.parseAs = readAs(response.headers.get("Content-Type"));
        return response;
    });
    client.interceptors.error.use((error, response, request) => {
        if (isProblem(error))
            return error; // of the renewal, or of a foreign page
        if (!response || isNetworkError(error))
            throw error;
        if (request && isRedirection(response))
            throw new Redirection(request, response);
        if (!(error instanceof Error) || error instanceof SyntaxError)
            return refusal(response, error);
        throw error instanceof TypeError ? new NetworkError(error) : error; // the body broke off, or the caller gave up
    });
    for (const method of [...methods, "request"])
        client[method] = calling(client, client[method]);
    for (const method of methods) {
        client.sse[method] = subscribing(calling(client, client.sse[method]), config.fetch);
    }
    return client;
}
/** Calls a method of the generated client with the options of an operation. */
function calling(client, method) {
    const send = method;
    // Operations pass on all their options, the client included, which Deno takes for one of its own.
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
