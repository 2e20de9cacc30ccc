export type ClientOptions = {
    baseUrl: `${string}://${string}` | (string & {});
};
/**
 * a ULID
 *
 * A ULID in its canonical form, 26 characters of Crockford's base 32 in upper case.
 */
export type Ulid = string;
/**
 * An ASCII e-mail address, compared without regard to case and shown as typed.
 */
export type Email = string;
/**
 * At most 128 characters (counted after Unicode normalisation, NFKC) and 1,024 bytes; at least as many characters as the
 * operator has set (`PASSWORD_MIN_LENGTH`: 15 unless changed, 12 at least), otherwise `too_short`. Not easy to guess:
 * common words, parts of the e-mail, sequences and repeats add little, otherwise `password_blocklisted`. No rules about
 * kinds of characters: length is what helps.
 *
 */
export type NewPassword = string;
/**
 * How the user wants to be called; null if they did not say.
 */
export type UserName = string | null;
/**
 * What the account may do. `admin` may do all that `user` may. New roles may be added.
 */
export type UserRole = 'user' | 'admin';
export type Health = {
    /**
     * Always `ok`; a process that is not up does not answer.
     */
    status: 'ok';
    /**
     * The service's name.
     */
    name: string;
    /**
     * The build that answers.
     */
    version: string;
};
export type Readiness = {
    /**
     * `degraded` if an optional dependency does not work; `degraded` lists what fails.
     */
    status: 'ready' | 'degraded';
    /**
     * What does not work at the moment, where the status is `degraded`. `writes`: the database is read-only, or its
     * disk is full; what would change something is a 503 `unavailable`. More may come.
     *
     */
    degraded?: Array<string>;
};
export type RegisterUserRequest = {
    email: Email;
    password: NewPassword;
    name?: UserName;
};
export type LoginUserRequest = {
    /**
     * The e-mail of the account, in any case.
     */
    email: string;
    /**
     * 1 to 1,024 bytes. Rules for new passwords do not apply here.
     */
    password: string;
    device_token?: DeviceToken;
};
export type RefreshTokensRequest = {
    /**
     * The newest refresh token of the session. Opaque; do not parse it.
     */
    refresh_token: string;
};
export type LogoutUserRequest = {
    /**
     * Any refresh token of the session that is to end.
     */
    refresh_token: string;
};
export type TokenResponse = {
    /**
     * Send it as `Authorization: Bearer …`. Opaque to clients.
     */
    access_token: string;
    /**
     * Exchange it once for the next pair. Keep it secret. Opaque to clients.
     */
    refresh_token: string;
    /**
     * The authentication scheme of the access token (RFC 6750).
     */
    token_type: 'bearer';
    /**
     * Seconds that the access token lives from now.
     */
    expires_in: number;
    device_token?: DeviceToken;
};
/**
 * Marks a device as one that the account has logged in from: wrong passwords sent from elsewhere do not delay a login
 * with it. It grants no access, and is not bound to one account. Registering and logging in answer with it; keep it,
 * also after logging out, and send it with each login. One that the service does not know counts as none. Opaque.
 *
 */
export type DeviceToken = string;
export type User = {
    id: Ulid;
    email: Email;
    name: UserName;
    role: UserRole;
    /**
     * Inactive accounts cannot log in and their tokens are refused.
     */
    is_active: boolean;
    /**
     * When the account was created.
     */
    created_at: string;
    /**
     * When the account was last changed.
     */
    updated_at: string;
};
export type UserList = {
    /**
     * The accounts of this page.
     */
    items: Array<User>;
    next_cursor: NextCursor;
};
/**
 * Send it as `cursor` to get the next page; null on the last one.
 */
export type NextCursor = string | null;
export type UpdateCurrentUserRequest = {
    email?: Email;
    name?: UserName;
    password?: NewPassword;
    current_password?: CurrentPassword;
};
export type UpdateUserRequest = {
    role?: UserRole;
    /**
     * Inactive accounts cannot log in and their tokens are refused.
     */
    is_active?: boolean;
    name?: UserName;
};
export type DeleteCurrentUserRequest = {
    current_password: CurrentPassword;
};
/**
 * The password that the account has now, 1 to 1,024 bytes. Needed with `email` and `password`; where it is sent, it has
 * to be right.
 *
 */
export type CurrentPassword = string;
export type Session = {
    id: Ulid;
    /**
     * The address that logged in, IPv4 or IPv6; null if unknown.
     */
    ip: string | null;
    /**
     * The address of the last login or refresh; null if unknown.
     */
    last_ip: string | null;
    /**
     * What the program called itself when it logged in; empty if it did not.
     */
    user_agent: string;
    /**
     * When the account logged in.
     */
    created_at: string;
    /**
     * The last login or refresh.
     */
    last_used_at: string;
    /**
     * This request belongs to it.
     */
    current: boolean;
};
export type SessionList = {
    /**
     * The sessions of this page.
     */
    items: Array<Session>;
    next_cursor: NextCursor;
};
export type AuditEvent = {
    id: Ulid;
    type: AuditEventType;
    /**
     * When it happened; of refusals that are counted, the first.
     */
    occurred_at: string;
    /**
     * When the last happened that is counted; `occurred_at`, if `count` is 1.
     */
    last_occurred_at: string;
    /**
     * How often it happened. Refusals of an account or a network (`authz_fail`, `authn_login_fail_max`) are counted in one
     * event a minute, with the session, address and request of the first.
     *
     */
    count: number;
    /**
     * The account that did it; null for somebody unknown, such as whoever failed to log in, and for operators at a
     * terminal.
     *
     */
    actor_id: string | null;
    /**
     * The account that it was done to; null if there is none, as when an unknown e-mail logs in.
     */
    target_id: string | null;
    /**
     * The session that it was done in; of `session_ended` and `authn_token_reuse`, the one that ended.
     */
    session_id: string | null;
    /**
     * The address that the request came from.
     */
    ip: string | null;
    /**
     * The `X-Request-ID` of the request.
     */
    request_id: string | null;
    /**
     * More about it, in a word where there is more to say; the table at `AuditEventType` says what. It never holds what
     * a caller sent.
     *
     */
    detail: string | null;
};
/**
 * What happened, in the words of the OWASP logging vocabulary where it has them. New ones may be added.
 *
 * | type | what happened | `detail` |
 * |---|---|---|
 * | `authn_login_success` | an account logged in | |
 * | `authn_login_fail` | a login was refused; `target_id` if the e-mail has an account | `unknown_email`, `wrong_password`, `inactive`, `unreadable_hash` |
 * | `authn_login_fail_max` | a password was not looked at, because too many have failed; `target_id` if they failed for one account | |
 * | `authn_password_change` | an account got another password | |
 * | `authn_password_change_fail` | the current password was wrong, and a new one was to be set | |
 * | `authn_reauthentication_fail` | the current password was wrong, and something else was to be done | `email_change`, `name_change`, `deletion` |
 * | `authn_token_reuse` | a refresh token was used again, so its session ended | |
 * | `authn_token_repeat` | a refresh was repeated from another network within the grace, and got the same answer | |
 * | `authz_change` | an account got another role | the role |
 * | `authz_fail` | an account tried what its role may not | |
 * | `audit_pruned` | the events before a time were removed | the time |
 * | `session_ended` | a session ended before its time | why |
 * | `throttle_cleared` | the failed passwords of an account were forgotten | |
 * | `user_activated` | an account became active again | |
 * | `user_created` | an account was created; with a session if it registered itself | its role |
 * | `user_deactivated` | an account became inactive | |
 * | `user_deleted` | an account was deleted | |
 * | `user_email_change` | an account got another e-mail | |
 * | `user_updated` | something else of an account changed | `name` |
 *
 */
export type AuditEventType = 'authn_login_success' | 'authn_login_fail' | 'authn_login_fail_max' | 'authn_password_change' | 'authn_password_change_fail' | 'authn_reauthentication_fail' | 'authn_token_reuse' | 'authn_token_repeat' | 'authz_change' | 'authz_fail' | 'audit_pruned' | 'session_ended' | 'throttle_cleared' | 'user_activated' | 'user_created' | 'user_deactivated' | 'user_deleted' | 'user_email_change' | 'user_updated';
export type AuditEventList = {
    /**
     * The events of this page.
     */
    items: Array<AuditEvent>;
    next_cursor: NextCursor;
};
/**
 * A JWK Set (RFC 7517) of public keys.
 */
export type JsonWebKeySet = {
    /**
     * The keys that may sign access tokens now or soon.
     */
    keys: Array<JsonWebKey>;
};
/**
 * A public key. Which members it has follows from `kty` (RFC 7518, RFC 8037).
 */
export type JsonWebKey = {
    /**
     * The family of the key.
     */
    kty: 'OKP' | 'EC' | 'RSA';
    /**
     * The thumbprint of the key (RFC 7638); tokens name it in their header.
     */
    kid: string;
    /**
     * The one algorithm that the key is for.
     */
    alg: 'EdDSA' | 'ES256' | 'RS256';
    /**
     * What the key is for.
     */
    use: 'sig';
    /**
     * The curve of an OKP or EC key.
     */
    crv?: string;
    /**
     * The public key (OKP), or its x coordinate (EC).
     */
    x?: string;
    /**
     * The y coordinate of an EC key.
     */
    y?: string;
    /**
     * The modulus of an RSA key.
     */
    n?: string;
    /**
     * The exponent of an RSA key.
     */
    e?: string;
};
/**
 * An RFC 9457 problem document.
 */
export type Problem = {
    /**
     * Identifies the kind of problem, one for one with `code`.
     */
    type: string;
    /**
     * The kind of problem in words; the same for every occurrence.
     */
    title: string;
    /**
     * The HTTP status, repeated.
     */
    status: number;
    /**
     * What went wrong this time, for people.
     */
    detail: string;
    /**
     * The path that was asked for.
     */
    instance: string;
    code: ProblemCode;
    /**
     * The `X-Request-ID` of this answer.
     */
    request_id: string;
    /**
     * Where the request breaks the contract; sent with `validation_failed`.
     */
    errors?: Array<FieldError>;
};
/**
 * The kind of problem, for programs. The tables under Errors in the guide say what each means. New ones may be added.
 */
export type ProblemCode = 'malformed_request' | 'unauthenticated' | 'invalid_token' | 'invalid_credentials' | 'invalid_refresh_token' | 'forbidden' | 'reauthentication_failed' | 'route_not_found' | 'user_not_found' | 'session_not_found' | 'method_not_allowed' | 'email_taken' | 'last_admin' | 'request_timeout' | 'precondition_failed' | 'body_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'too_many_attempts' | 'internal_error' | 'overloaded' | 'unavailable' | 'not_ready';
export type FieldError = {
    /**
     * An RFC 6901 pointer to the member of the body; empty for the body as a whole.
     */
    pointer?: string;
    /**
     * Where the parameter is, when the problem is not in the body.
     */
    in?: 'path' | 'query' | 'header' | 'cookie';
    /**
     * The parameter's name, together with `in`.
     */
    name?: string;
    /**
     * What is wrong, for programs. The tables under Errors in the guide say what each means.
     */
    code: string;
    /**
     * What is wrong, for people.
     */
    detail: string;
};
/**
 * The account's identifier.
 */
export type UserId = Ulid;
/**
 * The session's identifier.
 */
export type SessionId = Ulid;
/**
 * * or a list of entity tags, in quotation marks
 *
 * The `ETag` of the version that the request is meant for, or several, or `*` for any. Otherwise it is 412 (RFC 9110,
 * section 13.1.1).
 *
 */
export type IfMatch = string;
/**
 * * or a list of entity tags, in quotation marks
 *
 * The `ETag` of a version that the request is not meant for, or several, or `*` for any: a read is then 304, a change
 * 412 (RFC 9110, section 13.1.2).
 *
 */
export type IfNoneMatch = string;
/**
 * The most items that a page may have.
 */
export type Limit = number;
/**
 * Where to go on, from the `next_cursor` of the page before. Opaque; do not make one up.
 */
export type Cursor = string;
export type GetHealthData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/health';
};
export type GetHealthErrors = {
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type GetHealthError = GetHealthErrors[keyof GetHealthErrors];
export type GetHealthResponses = {
    /**
     * The process is up.
     */
    200: Health;
};
export type GetHealthResponse = GetHealthResponses[keyof GetHealthResponses];
export type GetReadinessData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/health/ready';
};
export type GetReadinessErrors = {
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Not ready: the database does not answer.
     */
    503: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type GetReadinessError = GetReadinessErrors[keyof GetReadinessErrors];
export type GetReadinessResponses = {
    /**
     * Ready for traffic.
     */
    200: Readiness;
};
export type GetReadinessResponse = GetReadinessResponses[keyof GetReadinessResponses];
export type RegisterUserData = {
    body: RegisterUserRequest;
    path?: never;
    query?: never;
    url: '/api/v1/auth/register';
};
export type RegisterUserErrors = {
    /**
     * Another account has this e-mail.
     */
    409: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type RegisterUserError = RegisterUserErrors[keyof RegisterUserErrors];
export type RegisterUserResponses = {
    /**
     * The account exists and this is its first session.
     */
    201: TokenResponse;
};
export type RegisterUserResponse = RegisterUserResponses[keyof RegisterUserResponses];
export type LoginUserData = {
    body: LoginUserRequest;
    path?: never;
    query?: never;
    url: '/api/v1/auth/login';
};
export type LoginUserErrors = {
    /**
     * No active account has this e-mail and password.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type LoginUserError = LoginUserErrors[keyof LoginUserErrors];
export type LoginUserResponses = {
    /**
     * A new session.
     */
    200: TokenResponse;
};
export type LoginUserResponse = LoginUserResponses[keyof LoginUserResponses];
export type RefreshTokensData = {
    body: RefreshTokensRequest;
    path?: never;
    query?: never;
    url: '/api/v1/auth/refresh';
};
export type RefreshTokensErrors = {
    /**
     * The refresh token is not valid. Log in again.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type RefreshTokensError = RefreshTokensErrors[keyof RefreshTokensErrors];
export type RefreshTokensResponses = {
    /**
     * The next pair of tokens of the same session.
     */
    200: TokenResponse;
};
export type RefreshTokensResponse = RefreshTokensResponses[keyof RefreshTokensResponses];
export type LogoutUserData = {
    body: LogoutUserRequest;
    path?: never;
    query?: never;
    url: '/api/v1/auth/logout';
};
export type LogoutUserErrors = {
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type LogoutUserError = LogoutUserErrors[keyof LogoutUserErrors];
export type LogoutUserResponses = {
    /**
     * The session has ended.
     */
    204: void;
};
export type LogoutUserResponse = LogoutUserResponses[keyof LogoutUserResponses];
export type LogoutAllSessionsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/auth/logout-all';
};
export type LogoutAllSessionsErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type LogoutAllSessionsError = LogoutAllSessionsErrors[keyof LogoutAllSessionsErrors];
export type LogoutAllSessionsResponses = {
    /**
     * All sessions have ended.
     */
    204: void;
};
export type LogoutAllSessionsResponse = LogoutAllSessionsResponses[keyof LogoutAllSessionsResponses];
export type ListUsersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The most items that a page may have.
         */
        limit?: number;
        /**
         * Where to go on, from the `next_cursor` of the page before. Opaque; do not make one up.
         */
        cursor?: string;
        /**
         * `created_at`: the newest first. `email`: in the order of the alphabet, without regard to case.
         */
        sort?: 'created_at' | 'email';
        /**
         * Only accounts with this role.
         */
        role?: UserRole;
        /**
         * Only accounts that are active, or that are not.
         */
        is_active?: boolean;
        /**
         * Only accounts whose e-mail or name holds this text, without regard to case. Text without three letters or digits
         * in a row, and text with an `@` after its first character, has to be the beginning of the e-mail: `ada` and
         * `@example.com` are found anywhere, `ad` and `ada@ex` where e-mails begin.
         *
         */
        search?: string;
    };
    url: '/api/v1/users';
};
export type ListUsersErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type ListUsersError = ListUsersErrors[keyof ListUsersErrors];
export type ListUsersResponses = {
    /**
     * A page of accounts.
     */
    200: UserList;
};
export type ListUsersResponse = ListUsersResponses[keyof ListUsersResponses];
export type GetCurrentUserData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/users/me';
};
export type GetCurrentUserErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type GetCurrentUserError = GetCurrentUserErrors[keyof GetCurrentUserErrors];
export type GetCurrentUserResponses = {
    /**
     * The caller's account.
     */
    200: User;
};
export type GetCurrentUserResponse = GetCurrentUserResponses[keyof GetCurrentUserResponses];
export type UpdateCurrentUserData = {
    body: UpdateCurrentUserRequest;
    headers?: {
        /**
         * * or a list of entity tags, in quotation marks
         *
         * The `ETag` of the version that the request is meant for, or several, or `*` for any. Otherwise it is 412 (RFC 9110,
         * section 13.1.1).
         *
         */
        'If-Match'?: string;
        /**
         * * or a list of entity tags, in quotation marks
         *
         * The `ETag` of a version that the request is not meant for, or several, or `*` for any: a read is then 304, a change
         * 412 (RFC 9110, section 13.1.2).
         *
         */
        'If-None-Match'?: string;
    };
    path?: never;
    query?: never;
    url: '/api/v1/users/me';
};
export type UpdateCurrentUserErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * The current password is not right.
     */
    403: Problem;
    /**
     * Another account has this e-mail.
     */
    409: Problem;
    /**
     * The resource has changed since. Read it again.
     */
    412: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type UpdateCurrentUserError = UpdateCurrentUserErrors[keyof UpdateCurrentUserErrors];
export type UpdateCurrentUserResponses = {
    /**
     * The account after the change.
     */
    200: User;
};
export type UpdateCurrentUserResponse = UpdateCurrentUserResponses[keyof UpdateCurrentUserResponses];
export type ListCurrentUserSessionsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/api/v1/users/me/sessions';
};
export type ListCurrentUserSessionsErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type ListCurrentUserSessionsError = ListCurrentUserSessionsErrors[keyof ListCurrentUserSessionsErrors];
export type ListCurrentUserSessionsResponses = {
    /**
     * The live sessions.
     */
    200: SessionList;
};
export type ListCurrentUserSessionsResponse = ListCurrentUserSessionsResponses[keyof ListCurrentUserSessionsResponses];
export type RevokeCurrentUserSessionData = {
    body?: never;
    path: {
        /**
         * The session's identifier.
         */
        id: Ulid;
    };
    query?: never;
    url: '/api/v1/users/me/sessions/{id}';
};
export type RevokeCurrentUserSessionErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * You have no such session.
     */
    404: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type RevokeCurrentUserSessionError = RevokeCurrentUserSessionErrors[keyof RevokeCurrentUserSessionErrors];
export type RevokeCurrentUserSessionResponses = {
    /**
     * The session has ended.
     */
    204: void;
};
export type RevokeCurrentUserSessionResponse = RevokeCurrentUserSessionResponses[keyof RevokeCurrentUserSessionResponses];
export type DeleteCurrentUserData = {
    body: DeleteCurrentUserRequest;
    path?: never;
    query?: never;
    url: '/api/v1/users/me/deletion';
};
export type DeleteCurrentUserErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * The current password is not right.
     */
    403: Problem;
    /**
     * This is the last active administrator. Make another one first.
     */
    409: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type DeleteCurrentUserError = DeleteCurrentUserErrors[keyof DeleteCurrentUserErrors];
export type DeleteCurrentUserResponses = {
    /**
     * The account is gone.
     */
    204: void;
};
export type DeleteCurrentUserResponse = DeleteCurrentUserResponses[keyof DeleteCurrentUserResponses];
export type GetUserData = {
    body?: never;
    path: {
        /**
         * The account's identifier.
         */
        id: Ulid;
    };
    query?: never;
    url: '/api/v1/users/{id}';
};
export type GetUserErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * There is no such user.
     */
    404: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type GetUserError = GetUserErrors[keyof GetUserErrors];
export type GetUserResponses = {
    /**
     * The account.
     */
    200: User;
};
export type GetUserResponse = GetUserResponses[keyof GetUserResponses];
export type UpdateUserData = {
    body: UpdateUserRequest;
    headers?: {
        /**
         * * or a list of entity tags, in quotation marks
         *
         * The `ETag` of the version that the request is meant for, or several, or `*` for any. Otherwise it is 412 (RFC 9110,
         * section 13.1.1).
         *
         */
        'If-Match'?: string;
        /**
         * * or a list of entity tags, in quotation marks
         *
         * The `ETag` of a version that the request is not meant for, or several, or `*` for any: a read is then 304, a change
         * 412 (RFC 9110, section 13.1.2).
         *
         */
        'If-None-Match'?: string;
    };
    path: {
        /**
         * The account's identifier.
         */
        id: Ulid;
    };
    query?: never;
    url: '/api/v1/users/{id}';
};
export type UpdateUserErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * There is no such user.
     */
    404: Problem;
    /**
     * This is the last active administrator. Make another one first.
     */
    409: Problem;
    /**
     * The resource has changed since. Read it again.
     */
    412: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type UpdateUserError = UpdateUserErrors[keyof UpdateUserErrors];
export type UpdateUserResponses = {
    /**
     * The account after the change.
     */
    200: User;
};
export type UpdateUserResponse = UpdateUserResponses[keyof UpdateUserResponses];
export type RevokeUserSessionsData = {
    body?: never;
    path: {
        /**
         * The account's identifier.
         */
        id: Ulid;
    };
    query?: never;
    url: '/api/v1/users/{id}/sessions';
};
export type RevokeUserSessionsErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * There is no such user.
     */
    404: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type RevokeUserSessionsError = RevokeUserSessionsErrors[keyof RevokeUserSessionsErrors];
export type RevokeUserSessionsResponses = {
    /**
     * The account has no session any more.
     */
    204: void;
};
export type RevokeUserSessionsResponse = RevokeUserSessionsResponses[keyof RevokeUserSessionsResponses];
export type ClearUserThrottleData = {
    body?: never;
    path: {
        /**
         * The account's identifier.
         */
        id: Ulid;
    };
    query?: never;
    url: '/api/v1/users/{id}/throttle';
};
export type ClearUserThrottleErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * There is no such user.
     */
    404: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type ClearUserThrottleError = ClearUserThrottleErrors[keyof ClearUserThrottleErrors];
export type ClearUserThrottleResponses = {
    /**
     * The account is not throttled.
     */
    204: void;
};
export type ClearUserThrottleResponse = ClearUserThrottleResponses[keyof ClearUserThrottleResponses];
export type ListAuditEventsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The most items that a page may have.
         */
        limit?: number;
        /**
         * Where to go on, from the `next_cursor` of the page before. Opaque; do not make one up.
         */
        cursor?: string;
        /**
         * Only events of this type.
         */
        type?: AuditEventType;
        /**
         * Only what this account did.
         */
        actor_id?: Ulid;
        /**
         * Only what was done to this account.
         */
        target_id?: Ulid;
    };
    url: '/api/v1/audit-events';
};
export type ListAuditEventsErrors = {
    /**
     * No valid access token was sent.
     */
    401: Problem;
    /**
     * Your role may not do this.
     */
    403: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type ListAuditEventsError = ListAuditEventsErrors[keyof ListAuditEventsErrors];
export type ListAuditEventsResponses = {
    /**
     * A page of events.
     */
    200: AuditEventList;
};
export type ListAuditEventsResponse = ListAuditEventsResponses[keyof ListAuditEventsResponses];
export type GetJsonWebKeySetData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/.well-known/jwks.json';
};
export type GetJsonWebKeySetErrors = {
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Wait as long as `Retry-After` says.
     */
    429: Problem;
    /**
     * 400, 408, 413, 415, 500 or 503; see the table of codes in the guide.
     */
    default: Problem;
};
export type GetJsonWebKeySetError = GetJsonWebKeySetErrors[keyof GetJsonWebKeySetErrors];
export type GetJsonWebKeySetResponses = {
    /**
     * The public keys.
     */
    200: JsonWebKeySet;
};
export type GetJsonWebKeySetResponse = GetJsonWebKeySetResponses[keyof GetJsonWebKeySetResponses];
