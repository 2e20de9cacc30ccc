const textual = /^(text\/.*|application\/(.*\+)?(xml|yaml|javascript|sql|x-ndjson|jsonl|json-seq|x-www-form-urlencoded))$/;
/** How an answer of a media type is read: JSON as a value, text as a string, events as they come, all else as a Blob. */
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
 * Whether a success is a page of a proxy or a captive portal. The API can answer with pages as well, but every answer of
 * the API has an `X-Request-ID`.
 */
export function isForeignPage(response) {
    const type = mediaType(response.headers.get("Content-Type"));
    return response.ok && /^(text\/html|application\/xhtml\+xml)$/.test(type) && !response.headers.has("X-Request-ID");
}
/** Whether an answer is neither a success nor a refusal: a redirect that is not followed, or 304 Not Modified. */
export function isRedirection(response) {
    return response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
}
/** Throws what helps if a base URL needs a page to be relative to, and there is none. */
export function checkBaseUrl(baseUrl) {
    if (URL.canParse(baseUrl, globalThis.location?.href))
        return;
    throw new TypeError(`baseUrl is ${JSON.stringify(baseUrl)}, which only a page in a browser can resolve. Use an absolute URL such as ` +
        `"https://api.example.com" here; in server-side rendering, take it from a setting.`);
}
function mediaType(contentType) {
    return (contentType ?? "").split(";", 1)[0].trim().toLowerCase();
}
