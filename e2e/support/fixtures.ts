import type { BrowserContext, Route } from "@playwright/test";
import { apiURL, appURL } from "./test.js";

// Fixed responses of the API, so that the pages look the same in each run. Some are extreme.

const id = (n: number) => `01JD8Z5V3K4N6P7Q8R9S0T1V${String(n).padStart(2, "0")}`;
const day = (n: number) => `2026-0${n}-1${n}T0${n}:30:00Z`; // n is 1 to 9

const user = (n: number, name: string | null, email: string, role = "user", is_active = true) => ({
  id: id(n),
  email,
  name,
  role,
  is_active,
  email_verified_at: day(n),
  pending_email: null,
  created_at: day(8 - n), // newest first
  updated_at: day(9 - n),
});

const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh ".repeat(3).trim();
export const people = [
  user(1, "Grace Hopper", "grace@example.com", "admin"),
  user(2, "Ada Lovelace", "ada@example.com"),
  user(3, long, `${"a-very-long-local-part-of-an-address".padEnd(60, "x")}@subdomain.example-of-a-long-domain.com`),
  user(4, null, "anonymous@example.com", "user", false),
  user(5, "Katherine Johnson", "katherine@example.com"),
  user(6, "Łucja Ćwik", "lucja@example.com"),
  user(7, "Dorothy Vaughan", "dorothy@example.com", "admin"),
];

const browsers = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];
const sessions = browsers.map((user_agent, n) => ({
  id: id(30 + n),
  ip: "203.0.113.7",
  last_ip: n ? "2001:db8:85a3:8d3:1319:8a2e:370:7348" : "203.0.113.7",
  user_agent,
  created_at: day(6 - n),
  last_used_at: day(9 - n),
  current: n === 0,
}));

const event = (n: number, type: string, actor: number | null, target: number | null, detail: string | null = null, times = 1) => ({
  id: id(50 + n),
  type,
  occurred_at: day(n),
  last_occurred_at: day(n),
  count: times,
  actor_id: actor && id(actor),
  target_id: target && id(target),
  session_id: null,
  ip: n % 3 ? "203.0.113.7" : "2001:db8:85a3:8d3:1319:8a2e:370:7348",
  request_id: null,
  detail,
});
const events = [
  event(9, "authn_login_success", 2, 2),
  event(8, "authz_change", 1, 7, "admin"),
  event(7, "authn_login_fail", null, 3, "wrong_password", 12),
  event(6, "user_deactivated", 1, 4),
  event(5, "user_created", 99, 99, "user"),
  event(4, "authn_token_repeat", 3, 3),
  event(3, "authn_login_fail", null, null, "unknown_email"),
];

// scaffold:begin invitations
const invitations = [people[1], people[2], people[3], people[6]].map((person, n) => ({
  ...{ id: id(70 + n), email: person?.email, name: person?.name, role: person?.role },
  ...{ invited_by: id(1), created_at: day(6 - n), expires_at: day(7 - n) },
}));
// scaffold:end invitations

const list = (items: unknown[], next_cursor: string | null = null) => ({ items, next_cursor });

const problem = (status: number, code: string, detail: string) => ({
  status,
  contentType: "application/problem+json",
  json: { type: `urn:problem-type:${code}`, title: code, status, detail, instance: "/", code, request_id: "01JD8Z6Q9TZ5V3K4N6P7Q8R9S0", errors: undefined as object[] | undefined },
});

const refused = problem(422, "validation_failed", "The request breaks the contract; see errors.");
refused.json.errors = [
  { pointer: "/email", code: "too_short", detail: "Must have at least 5 characters." },
  { pointer: "/email", code: "invalid_format", detail: "Must be an e-mail address in ASCII." },
  { pointer: "/password", code: "too_short", detail: "Must have at least 15 characters." },
];

const tooMany = problem(429, "rate_limited", "A mail was sent there already. Try again later.");
const notValid = problem(401, "invalid_one_time_token", "The link is not valid any more. Ask for a new one.");

interface Options {
  /** The number of the user in `people`; 1 is an administrator. */
  as?: number;
  /** Differences of that user. */
  me?: object;
  /** Replaces the response to requests whose path and query contain the key. */
  replace?: Record<string, Replacement>;
  language?: "en" | "de";
}

type Replacement = "error" | "empty" | "never" | "down" | "ended";

/** Answers the app's requests with fixed data, as a user that is signed in. */
export async function useFixtures(context: BrowserContext, { as, me = {}, replace = {}, language = "en" }: Options) {
  await context.route(`${apiURL()}/**`, async (route) => {
    const url = route.request().url().slice(apiURL().length);
    const headers = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*", "Access-Control-Expose-Headers": "*" };
    const replaced = Object.entries(replace).find(([part]) => url.includes(part))?.[1];
    if (route.request().method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    if (replaced === "never") return new Promise<void>(() => {});
    if (replaced === "down") return route.abort("connectionrefused");
    const answer = respond(url, { ...people[(as ?? 0) - 1], ...me }, replaced);
    const contentType = answer.contentType ?? "application/json";
    const wait = answer.status === 429 && { "Retry-After": "43" };
    return route.fulfill({ ...answer, headers: { ...headers, ...wait, "Content-Type": contentType, ETag: '"1"' } });
  });
  const tokens = { access_token: "a", refresh_token: "r", session: "s", expires_at: 4_000_000_000_000 };
  const stored = { language, ...(as && { tokens: JSON.stringify(tokens) }) };
  await context.addInitScript(
    ([stored, origin]) => {
      if (location.origin !== origin) return;
      for (const [name, value] of Object.entries(stored)) {
        if (!localStorage.getItem(`plinth.${name}`)) localStorage.setItem(`plinth.${name}`, value);
      }
    },
    [stored, appURL()] as const,
  );
}

type Answer = Parameters<Route["fulfill"]>[0] & { contentType?: string };

function respond(url: string, me: object, replaced: Replacement | undefined): Answer {
  const { pathname } = new URL(url, apiURL());
  const empty = replaced === "empty";
  if (replaced === "error") return problem(500, "internal_error", "");
  if (replaced === "ended") return problem(401, "invalid_token", "");
  if (pathname === "/api/v1/auth/refresh") return problem(401, "invalid_refresh_token", "");
  if (pathname === "/api/v1/auth/login") return problem(401, "invalid_credentials", "");
  if (pathname === "/api/v1/auth/register") return refused;
  if (pathname === "/api/v1/users/me") return { json: me };
  if (pathname === "/api/v1/auth/verification") return tooMany;
  if (pathname === "/api/v1/auth/password-reset") return { status: 202 };
  if (pathname.endsWith("/confirmation") || pathname.endsWith("/acceptance")) return notValid;
  if (pathname === "/api/v1/auth/email-change/undo") return { status: 204 };
  if (pathname === "/api/v1/users/me/sessions") return { json: list(sessions) };
  if (pathname === "/api/v1/users") return { json: list(empty ? [] : people) };
  if (pathname === "/api/v1/users/invitations") return { json: list(empty ? [] : invitations) }; // scaffold:only invitations
  if (pathname === "/api/v1/audit-events") return { json: list(empty ? [] : events) };
  const found = people.find(({ id }) => pathname === `/api/v1/users/${id}`);
  return found ? { json: found } : problem(404, "user_not_found", "There is no such user.");
}
