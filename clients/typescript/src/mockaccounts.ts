// The accounts of the mock API and their sessions, by the rules of the real one that apps depend on.
import type {
  ListCurrentUserSessionsData,
  ListUsersData,
  LoginUserRequest,
  RegisterUserRequest,
  TokenResponse,
  UpdateCurrentUserRequest,
  User,
} from "./gen/types.gen.js";
import { Refusal, type MockedOperation, type Row, type Rows } from "./mockrows.js";

const usersPath = "/api/v1/users" satisfies ListUsersData["url"];
const sessionsPath = "/api/v1/users/me/sessions" satisfies ListCurrentUserSessionsData["url"];
const eventsPath = "/api/v1/audit-events"; // a contract without it does not serve these rows

/** The accounts of `make seed`, and their password. */
export const personas = { user: "ada@example.com", admin: "admin@example.com" } as const;
export const personaPassword = "demo-account-on-a-laptop";

/** A call of an operation. */
export interface Call {
  operation: MockedOperation;
  path: Record<string, string>;
  body: Record<string, unknown>;
  ifMatch: string | null;
  userAgent: string;
  actor: Actor | undefined;
}

export interface Actor {
  user: Account;
  session: string;
}

type Account = User & Row;

/** What an operation responds with; the row is the body, and has the ETag. */
export type Answer = { body?: unknown; row?: Row };

const minPassword = 15;

export class Accounts {
  readonly #rows: Rows;
  readonly #passwords = new Map<string, string>();
  readonly #examples = new Map<string, Row>();

  constructor(rows: Rows, size: number) {
    this.#rows = rows;
    const [example] = rows.of(usersPath);
    const [session] = rows.of(sessionsPath);
    for (const [path, row] of [[usersPath, example], [sessionsPath, session]] as const) this.#examples.set(path, { ...row } as Row);
    this.#users.splice(0);
    for (let n = size; n > 2; n--) this.#create(`user${n}@example.com`, `User ${n}`, "user");
    this.#create(personas.user, "Ada Lovelace", "user");
    this.#create(personas.admin, "Grace Hopper", "admin");
  }

  get #users() {
    return this.#rows.of(usersPath) as Account[];
  }

  /** Starts a session of an account. */
  signIn(email: string, userAgent = "mock"): TokenResponse {
    const user = this.#users.find((each) => each.email.toLowerCase() === email.toLowerCase());
    if (!user) throw new Error(`There is no account with the e-mail ${email}.`);
    return this.#tokens(user, this.#startSession(user, userAgent));
  }

  /** Returns whose access token this is. */
  actor(token: string): Actor | undefined {
    const [, userId = "", session = ""] = token.split(".");
    const user = this.#users.find(({ id, is_active }) => id === userId && is_active);
    return user && this.#sessions(user).some(({ id }) => id === session) ? { user, session } : undefined;
  }

  /** Responds to operations whose rules differ from those of other collections. */
  respond(call: Call): Answer | undefined {
    const { operation, body } = call;
    switch (operation.id) {
      case "registerUser":
        return { body: this.#register(body as RegisterUserRequest, call.userAgent) };
      case "loginUser":
        return { body: this.#login(body as LoginUserRequest, call.userAgent) };
      case "refreshTokens":
        return { body: this.#refresh(String(body["refresh_token"])) };
      case "logoutUser":
        this.#end(this.actor(String(body["refresh_token"])));
        return {};
      default:
        return call.actor && this.#respondTo(call.actor, call);
    }
  }

  #respondTo(actor: Actor, call: Call): Answer | undefined {
    switch (call.operation.id) {
      case "logoutAllSessions":
        this.#endAll(actor.user);
        return {};
      case "getCurrentUser":
        return { row: actor.user };
      case "updateCurrentUser":
        return { row: this.#update(actor, call.body, call.ifMatch) };
      case "deleteCurrentUser":
        this.#reauthenticate(actor.user, call.body["current_password"]);
        this.#protectLastAdmin(actor.user);
        this.#users.splice(this.#users.indexOf(actor.user), 1);
        return {};
      case "listCurrentUserSessions":
        for (const session of this.#sessions(actor.user)) session["current"] = session.id === actor.session;
        return undefined;
      case "updateUser":
        return { row: this.#updateAny(actor, this.#find(call), call) };
      case "revokeUserSessions":
        this.#endAll(this.#find(call));
        return {};
      case "clearUserThrottle":
        this.#record("throttle_cleared", actor.user, this.#find(call));
        return {};
      default:
        return undefined;
    }
  }

  #register({ email, password, name = null }: RegisterUserRequest, userAgent: string): TokenResponse {
    checkPassword(password);
    this.#checkEmail(email);
    const user = this.#create(email, name, "user", password);
    this.#record("user_created", user, user, "user");
    return this.#tokens(user, this.#startSession(user, userAgent));
  }

  #login({ email, password }: LoginUserRequest, userAgent: string): TokenResponse {
    const user = this.#users.find((each) => each.email.toLowerCase() === email.toLowerCase());
    if (!user?.is_active || this.#passwords.get(user.id) !== password) {
      this.#record("authn_login_fail", null, user, user ? "wrong_password" : "unknown_email");
      throw new Refusal("invalid_credentials");
    }
    this.#record("authn_login_success", user, user);
    return this.#tokens(user, this.#startSession(user, userAgent));
  }

  #refresh(token: string): TokenResponse {
    const actor = this.actor(token);
    if (!actor) throw new Refusal("invalid_refresh_token");
    return this.#tokens(actor.user, actor.session);
  }

  #update({ user, session }: Actor, body: UpdateCurrentUserRequest, ifMatch: string | null): Row {
    const { current_password, password, ...changes } = body;
    if (changes.email !== undefined || password !== undefined) this.#reauthenticate(user, current_password);
    if (changes.email !== undefined) this.#checkEmail(changes.email, user);
    if (password !== undefined) checkPassword(password);
    this.#rows.change(user, changes, ifMatch);
    if (password === undefined) return user;
    this.#passwords.set(user.id, password);
    this.#endAll(user, session);
    this.#record("authn_password_change", user, user);
    return user;
  }

  #updateAny({ user: admin }: Actor, user: Account, { body, ifMatch }: Call): Row {
    const { role = user.role, is_active = user.is_active } = body;
    const [promoted, stopped] = [role !== user.role, is_active !== user.is_active];
    if (role !== "admin" || !is_active) this.#protectLastAdmin(user);
    this.#rows.change(user, body, ifMatch);
    if (promoted) this.#record("authz_change", admin, user, String(role));
    if (stopped) this.#record(is_active ? "user_activated" : "user_deactivated", admin, user);
    if (promoted || stopped) this.#endAll(user);
    return user;
  }

  #create(email: string, name: string | null, role: string, password = personaPassword): Account {
    const values = { email, name, role, is_active: true };
    const user = this.#rows.add(this.#users, this.#examples.get(usersPath) ?? {}, values) as Account;
    this.#passwords.set(user.id, password);
    return user;
  }

  #find({ path }: Call): Account {
    const user = this.#users.find(({ id }) => id === path["id"]);
    if (!user) throw new Refusal("user_not_found");
    return user;
  }

  #checkEmail(email: string, owner?: Account): void {
    const taken = this.#users.some((user) => user !== owner && user.email.toLowerCase() === email.toLowerCase());
    if (taken) throw new Refusal("email_taken");
  }

  #reauthenticate(user: Account, password: unknown): void {
    if (password === undefined) throw invalid("/current_password", "required", "Is required.");
    if (this.#passwords.get(user.id) !== password) throw new Refusal("reauthentication_failed");
  }

  #protectLastAdmin(user: Account): void {
    const admins = this.#users.filter(({ role, is_active }) => role === "admin" && is_active);
    if (admins.length === 1 && admins[0] === user) throw new Refusal("last_admin");
  }

  #sessions(user: Account): Row[] {
    return this.#rows.of(sessionsPath, user.id, 0);
  }

  #startSession(user: Account, user_agent: string): string {
    const now = new Date().toISOString();
    const values = { user_agent, last_used_at: now, current: false };
    return this.#rows.add(this.#sessions(user), this.#examples.get(sessionsPath) ?? {}, values).id;
  }

  #end(actor: Actor | undefined): void {
    if (!actor) return;
    const sessions = this.#sessions(actor.user);
    sessions.splice(0, sessions.length, ...sessions.filter(({ id }) => id !== actor.session));
  }

  #endAll(user: Account, except?: string): void {
    const sessions = this.#sessions(user);
    sessions.splice(0, sessions.length, ...sessions.filter(({ id }) => id === except));
  }

  #tokens(user: Account, session: string): TokenResponse {
    const token = `mock.${user.id}.${session}`;
    return { access_token: token, refresh_token: token, token_type: "bearer", expires_in: 900, device_token: "dt_mock" };
  }

  #record(type: string, actor: Account | null, target: Account | undefined, detail: string | null = null): void {
    const events = this.#rows.of(eventsPath);
    const now = new Date().toISOString();
    const values = { type, actor_id: actor?.id ?? null, target_id: target?.id ?? null, detail, occurred_at: now, last_occurred_at: now };
    this.#rows.add(events, events[0] ?? {}, values);
  }
}

export function invalid(pointer: string, code: string, detail: string): Refusal {
  return new Refusal("validation_failed", [{ pointer, code, detail }]);
}

function checkPassword(password: string): void {
  if (password.length < minPassword) throw invalid("/password", "too_short", `Must have at least ${minPassword} characters.`);
}
