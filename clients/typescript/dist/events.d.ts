type Subscribe = (options: object) => Promise<{
    stream: AsyncGenerator<unknown>;
}>;
/**
 * Makes a subscription to events of the generated one, which tries again after every failure and keeps its connection when
 * the reader leaves. This one rejects if the API refuses for good, and ends the connection with the loop over its stream.
 */
export declare function subscribing(subscribe: Subscribe, transport: typeof fetch): Subscribe;
export {};
