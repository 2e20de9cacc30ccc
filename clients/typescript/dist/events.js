import { toProblemError } from "./problems.js";
/**
 * Wraps the generated subscription to server-sent events, which retries after every failure and
 * keeps its connection open when the reader leaves the loop. The wrapped one rejects on a final
 * error response and closes the connection with the loop.
 */
export function wrapSubscribe(subscribe, transport) {
    return async (options) => {
        const ended = new AbortController();
        const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
        const fetch = options.fetch ?? transport;
        let problem;
        const { stream } = await subscribe({
            ...options,
            signal,
            fetch: async (request) => {
                const response = await fetch(request);
                if (!isFinal(response.status))
                    return response;
                if (!response.ok)
                    problem = toProblemError(response, await response.clone().json().catch(() => undefined));
                ended.abort();
                return response;
            },
            sseSleepFn: (ms) => pause(ms, signal),
        });
        return { stream: until(stream, ended, () => problem) };
    };
}
/** Whether a retry is useless: there are no events, or the request itself is rejected. */
function isFinal(status) {
    if (status === 204)
        return true;
    return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
async function* until(stream, ended, problem) {
    try {
        yield* stream;
    }
    finally {
        ended.abort();
    }
    const refused = problem();
    if (refused)
        throw refused;
}
function pause(ms, signal) {
    return new Promise((resolve) => {
        if (signal.aborted)
            return resolve();
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
}
