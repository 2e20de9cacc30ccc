import type { Config } from "./gen/client/index.js";
/** How an answer of a media type is read: JSON as a value, text as a string, events as they come, all else as a Blob. */
export declare function readAs(contentType: string | null): NonNullable<Config["parseAs"]>;
/**
 * Whether a success is a page of a proxy or a captive portal. The API can answer with pages as well, but every answer of
 * the API has an `X-Request-ID`.
 */
export declare function isForeignPage(response: Response): boolean;
/** Whether an answer is neither a success nor a refusal: a redirect that is not followed, or 304 Not Modified. */
export declare function isRedirection(response: Response): boolean;
/** Throws what helps if a base URL needs a page to be relative to, and there is none. */
export declare function checkBaseUrl(baseUrl: string): void;
