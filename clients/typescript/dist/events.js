import { refusal } from "./problems.js";
/**
 * Makes a subscription to events of the generated one, which tries again after every failure and keeps its connection when
 * the reader leaves. This one rejects if the API refuses for good, and ends the connection with the loop over its stream.
 */
export function subscribing(subscribe, transport) {
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
                    problem = refusal(response, await response.clone().json().catch(() => undefined));
                ended.abort();
                return response;
            },
            sseSleepFn: (ms) => pause(ms, signal),
        });
        return { stream: until(stream, ended, () => problem) };
    };
}
/** Whether to try again is of no use: there are no events, or the request itself is refused. */
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
