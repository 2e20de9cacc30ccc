import { createPlinthClient, type PlinthClient, type Tokens } from "@plinth/client";
import { type Cookie, createContext, createCookie, type MiddlewareFunction } from "react-router";

const baseUrl = process.env.API_URL ?? "http://127.0.0.1:8000";

// A page of another site cannot send the cookies with a form, nor can its scripts read them.
const day = 24 * 60 * 60;
const flags = { path: "/", httpOnly: true, secure: true, sameSite: "lax" } as const;
const sessionCookie = createCookie("__Host-session", { ...flags, maxAge: 7 * day }); // REFRESH_TOKEN_EXPIRE_DAYS
const deviceCookie = createCookie("__Host-device", { ...flags, maxAge: 90 * day });

/** The client of the request. Loaders and actions take it from their context. */
export const clientContext = createContext<PlinthClient>();

/**
 * Gives each request a client of its own, and the response the tokens that the client received: a
 * client in a module would act for all visitors as the one who signed in last.
 *
 * Await all calls before the response starts. Tokens of later renewals would be lost.
 */
export const withClient: MiddlewareFunction<Response> = async ({ request, context }, next) => {
  const changes = new Map<Cookie, string>();
  const session = kept<Tokens>(sessionCookie, request, changes, (value) => typeof value?.refresh_token === "string");
  const device = kept<string>(deviceCookie, request, changes, (value) => typeof value === "string");
  context.set(clientContext, createPlinthClient({ baseUrl, storage: { ...session, device }, fetch: sendAs(request) }));

  const response = await next();
  for (const change of changes.values()) response.headers.append("Set-Cookie", change);
  response.headers.set("Cache-Control", "private, no-store");
  return response;
};

/** Stores a value in a cookie of the visitor; `changes` is for the response. */
function kept<Value>(cookie: Cookie, request: Request, changes: Map<Cookie, string>, isValid: (value?: Value) => boolean) {
  let value = cookie.parse(request.headers.get("Cookie")).then((sent) => (isValid(sent) ? (sent as Value) : null));
  return {
    get: () => value,
    set: async (next: Value | null) => {
      value = Promise.resolve(next);
      changes.set(cookie, await cookie.serialize(next, next === null ? { maxAge: 0 } : undefined));
    },
  };
}

/**
 * Sends requests with the visitor's browser and address, which lists of sessions show. The API needs
 * this server in TRUSTED_PROXIES; otherwise all visitors share one rate limit.
 */
function sendAs(visitor: Request): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init);
    const copy = (name: string) => request.headers.set(name, visitor.headers.get(name) ?? "");
    copy("User-Agent");
    if (process.env.BEHIND_PROXY) copy("X-Forwarded-For"); // without a proxy visitors choose it
    return fetch(request);
  };
}
