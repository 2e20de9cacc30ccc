const textual = /^(text\/.*|application\/(.*\+)?(xml|yaml|javascript|sql|x-ndjson|jsonl|json-seq|x-www-form-urlencoded))$/;
/**
 * Returns the parser for a media type: JSON as a value, text as a string, events as a stream, all
 * else as a Blob.
 */
export function readAs(contentType) {
    const type = mediaType(contentType);
    if (!type || type === "application/json" || type.endsWith("+json"))
        return "json";
    if (type === "text/event-stream")
        return "stream";
    if (type === "multipart/form-data")
        return "formData";
    return textual.test(type) ? "text" : "blob";
}
/**
 * Whether a success is a page of a proxy or a captive portal. The API may serve HTML too, but sets
 * `X-Request-ID` on every response.
 */
export function isForeignPage(response) {
    const type = mediaType(response.headers.get("Content-Type"));
    return response.ok && /^(text\/html|application\/xhtml\+xml)$/.test(type) && !response.headers.has("X-Request-ID");
}
/** Whether a response is a redirect that was not followed, or 304 Not Modified. */
export function isRedirection(response) {
    return response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
}
/** Throws an explanation if the base URL is relative and there is no page to resolve it against. */
export function checkBaseUrl(baseUrl) {
    if (URL.canParse(baseUrl, globalThis.location?.href))
        return;
    throw new TypeError(`baseUrl is ${JSON.stringify(baseUrl)}, which resolves only in a browser page. Use an absolute URL such as ` +
        `"https://api.example.com" here; in server-side rendering, read it from a setting.`);
}
function mediaType(contentType) {
    return (contentType ?? "").split(";", 1)[0].trim().toLowerCase();
}
