type Subscribe = (options: object) => Promise<{
    stream: AsyncGenerator<unknown>;
}>;
/**
 * Wraps the generated subscription to server-sent events, which retries after every failure and
 * keeps its connection open when the reader leaves the loop. The wrapped one rejects on a final
 * error response and closes the connection with the loop.
 */
export declare function wrapSubscribe(subscribe: Subscribe, transport: typeof fetch): Subscribe;
export {};
