import type { Config } from "./gen/client/index.js";
/**
 * Returns the parser for a media type: JSON as a value, text as a string, events as a stream, all
 * else as a Blob.
 */
export declare function readAs(contentType: string | null): NonNullable<Config["parseAs"]>;
/**
 * Whether a success is a page of a proxy or a captive portal. The API may serve HTML too, but sets
 * `X-Request-ID` on every response.
 */
export declare function isForeignPage(response: Response): boolean;
/** Whether a response is a redirect that was not followed, or 304 Not Modified. */
export declare function isRedirection(response: Response): boolean;
/** Throws an explanation if the base URL is relative and there is no page to resolve it against. */
export declare function checkBaseUrl(baseUrl: string): void;
