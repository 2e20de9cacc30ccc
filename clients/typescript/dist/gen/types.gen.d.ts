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
 * An ASCII e-mail address, case-insensitive and shown as typed.
 */
export type Email = string;
/**
 * At most 128 characters (counted after Unicode normalisation, NFKC) and 1,024 bytes. At least `PASSWORD_MIN_LENGTH`
 * characters, a setting of at least 12 with the default 15; otherwise `too_short`. It must not be easy to guess: common
 * words, parts of the e-mail, sequences and repetitions add little strength; otherwise `password_blocklisted`. There are no
 * rules about kinds of characters, because length matters more.
 *
 */
export type NewPassword = string;
/**
 * The display name of the user; null if there is none.
 */
export type UserName = string | null;
/**
 * The rights of the account. `admin` includes all rights of `user`. New roles may be added.
 */
export type UserRole = 'user' | 'admin';
export type Health = {
    /**
     * Always `ok`; a process that does not run does not respond.
     */
    status: 'ok';
    /**
     * The service's name.
     */
    name: string;
    /**
     * The version of the build.
     */
    version: string;
};
export type Readiness = {
    /**
     * `degraded` if an optional dependency does not work; the member `degraded` lists what fails.
     */
    status: 'ready' | 'degraded';
    /**
     * What does not work while the status is `degraded`. `writes`: the database is read-only, or its disk is full, and
     * changes are 503 `unavailable`. New values may be added.
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
     * The e-mail of the account, case-insensitive.
     */
    email: string;
    /**
     * 1 to 1,024 bytes. The rules for new passwords do not apply.
     */
    password: string;
    device_token?: DeviceToken;
};
export type RefreshTokensRequest = {
    /**
     * The latest refresh token of the session. Opaque.
     */
    refresh_token: string;
};
export type LogoutUserRequest = {
    /**
     * Any refresh token of the session to end.
     */
    refresh_token: string;
};
export type TokenResponse = {
    /**
     * Send it as `Authorization: Bearer …`. Opaque.
     */
    access_token: string;
    /**
     * Exchange it once for the next pair. Keep it secret. Opaque.
     */
    refresh_token: string;
    /**
     * The authentication scheme of the access token (RFC 6750).
     */
    token_type: 'bearer';
    /**
     * The lifetime of the access token in seconds.
     */
    expires_in: number;
    device_token?: DeviceToken;
};
/**
 * Identifies a device from which the account has logged in: wrong passwords from elsewhere do not delay a login with it. It
 * grants no access, and is not bound to an account. Registration and login return it; keep it, also after logging out, and
 * send it with each login. An unknown token is ignored. Opaque.
 *
 */
export type DeviceToken = string;
export type User = {
    id: Ulid;
    email: Email;
    name: UserName;
    role: UserRole;
    /**
     * An inactive account cannot log in, and its tokens are rejected.
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
 * Send it as `cursor` to get the next page; null on the last page.
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
     * An inactive account cannot log in, and its tokens are rejected.
     */
    is_active?: boolean;
    name?: UserName;
};
export type DeleteCurrentUserRequest = {
    current_password: CurrentPassword;
};
/**
 * The current password of the account, 1 to 1,024 bytes. Required with `email` and `password`; if present, it must be correct.
 *
 */
export type CurrentPassword = string;
export type Session = {
    id: Ulid;
    /**
     * The IP address of the login; null if unknown.
     */
    ip: string | null;
    /**
     * The IP address of the last login or refresh; null if unknown.
     */
    last_ip: string | null;
    /**
     * The `User-Agent` of the login; empty if there was none.
     */
    user_agent: string;
    /**
     * When the account logged in.
     */
    created_at: string;
    /**
     * When the session was last refreshed, or opened.
     */
    last_used_at: string;
    /**
     * Whether it is the session of this request.
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
     * When the event occurred; the first time, if `count` is more than 1.
     */
    occurred_at: string;
    /**
     * When the event last occurred; equal to `occurred_at` if `count` is 1.
     */
    last_occurred_at: string;
    /**
     * How often the event occurred. Refusals of an account or a network (`authz_fail`, `authn_login_fail_max`) are counted in
     * one event per minute, with the session, address and request of the first.
     *
     */
    count: number;
    /**
     * The account that caused the event; null if it is unknown, as for a failed login, and for an operator at a terminal.
     *
     */
    actor_id: string | null;
    /**
     * The account that the event affected; null if there is none, as for a login with an unknown e-mail.
     */
    target_id: string | null;
    /**
     * The session of the request; for `session_ended` and `authn_token_reuse`, the session that ended.
     */
    session_id: string | null;
    /**
     * The IP address of the client.
     */
    ip: string | null;
    /**
     * The `X-Request-ID` of the request.
     */
    request_id: string | null;
    /**
     * A detail of the event; the table at `AuditEventType` lists the values. It never contains input of a client.
     *
     */
    detail: string | null;
};
/**
 * The type of an event, as in the OWASP logging vocabulary where it has one. New types may be added.
 *
 * | type | event | `detail` |
 * |---|---|---|
 * | `authn_login_success` | an account logged in | |
 * | `authn_login_fail` | a login failed; `target_id` if the e-mail has an account | `unknown_email`, `wrong_password`, `inactive`, `unreadable_hash` |
 * | `authn_login_fail_max` | a login was throttled after too many failures; `target_id` if they were for one account | |
 * | `authn_password_change` | a password was changed | |
 * | `authn_password_change_fail` | the current password was wrong in a change of the password | |
 * | `authn_reauthentication_fail` | the current password was wrong in another change | `email_change`, `name_change`, `deletion` |
 * | `authn_token_reuse` | a refresh token was reused, so its session ended | |
 * | `authn_token_repeat` | a refresh was retried from another network within the grace period | |
 * | `authz_change` | a role was changed | the new role |
 * | `authz_fail` | a request was refused because of the role | |
 * | `audit_pruned` | the events before a time were deleted | the time |
 * | `session_ended` | a session ended before it expired | the reason |
 * | `throttle_cleared` | the login throttle of an account was reset | |
 * | `user_activated` | an account was activated | |
 * | `user_created` | an account was created; with a session if by registration | its role |
 * | `user_deactivated` | an account was deactivated | |
 * | `user_deleted` | an account was deleted | |
 * | `user_email_change` | an e-mail was changed | |
 * | `user_updated` | another member of an account was changed | `name` |
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
     * The current keys of access tokens, and upcoming ones.
     */
    keys: Array<JsonWebKey>;
};
/**
 * A public key. Its members depend on `kty` (RFC 7518, RFC 8037).
 */
export type JsonWebKey = {
    /**
     * The key type.
     */
    kty: 'OKP' | 'EC' | 'RSA';
    /**
     * The thumbprint of the key (RFC 7638) as in the header of its tokens.
     */
    kid: string;
    /**
     * The algorithm of the key.
     */
    alg: 'EdDSA' | 'ES256' | 'RS256';
    /**
     * The intended use of the key.
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
     * A URI for the kind of problem; each `code` has one.
     */
    type: string;
    /**
     * The name of the kind of problem; the same for every occurrence.
     */
    title: string;
    /**
     * The HTTP status of the response.
     */
    status: number;
    /**
     * An explanation of this occurrence, for people.
     */
    detail: string;
    /**
     * The path of the request.
     */
    instance: string;
    code: ProblemCode;
    /**
     * The `X-Request-ID` of the response.
     */
    request_id: string;
    /**
     * Where the request breaks the contract; only for `validation_failed`.
     */
    errors?: Array<FieldError>;
};
/**
 * The kind of problem, for programs. The guide explains each under Errors. New codes may be added.
 */
export type ProblemCode = 'malformed_request' | 'unauthenticated' | 'invalid_token' | 'invalid_credentials' | 'invalid_refresh_token' | 'forbidden' | 'reauthentication_failed' | 'route_not_found' | 'user_not_found' | 'session_not_found' | 'method_not_allowed' | 'email_taken' | 'last_admin' | 'request_timeout' | 'precondition_failed' | 'body_too_large' | 'unsupported_media_type' | 'validation_failed' | 'rate_limited' | 'too_many_attempts' | 'internal_error' | 'overloaded' | 'unavailable' | 'not_ready';
export type FieldError = {
    /**
     * An RFC 6901 pointer to a member of the body; empty for the whole body.
     */
    pointer?: string;
    /**
     * The location of the parameter, if the fault is not in the body.
     */
    in?: 'path' | 'query' | 'header' | 'cookie';
    /**
     * The name of the parameter; present with `in`.
     */
    name?: string;
    /**
     * The kind of fault, for programs. The guide explains each under Errors.
     */
    code: string;
    /**
     * An explanation of the fault, for people.
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
 * One or more `ETag` values, or `*` for any. If the resource has none of these versions, the response is 412 (RFC 9110,
 * section 13.1.1).
 *
 */
export type IfMatch = string;
/**
 * * or a list of entity tags, in quotation marks
 *
 * One or more `ETag` values, or `*` for any. If the resource has one of these versions, a read is 304 and a change 412
 * (RFC 9110, section 13.1.2).
 *
 */
export type IfNoneMatch = string;
/**
 * The maximum number of items in a page.
 */
export type Limit = number;
/**
 * The `next_cursor` of the previous page. Opaque.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The account and its first session were created.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The next pair of tokens of the session.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
         * The maximum number of items in a page.
         */
        limit?: number;
        /**
         * The `next_cursor` of the previous page. Opaque.
         */
        cursor?: string;
        /**
         * `created_at`: newest first. `email`: alphabetical, case-insensitive.
         */
        sort?: 'created_at' | 'email';
        /**
         * Only accounts with this role.
         */
        role?: UserRole;
        /**
         * Only active, or only inactive accounts.
         */
        is_active?: boolean;
        /**
         * Only accounts whose e-mail or name contains this text, case-insensitive. A text without three consecutive letters or
         * digits, or with an `@` after its first character, matches only the beginning of the e-mail: `ada` and `@example.com`
         * match anywhere, `ad` and `ada@ex` at the beginning.
         *
         */
        search?: string;
    };
    url: '/api/v1/users';
};
export type ListUsersErrors = {
    /**
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The account.
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
         * One or more `ETag` values, or `*` for any. If the resource has none of these versions, the response is 412 (RFC 9110,
         * section 13.1.1).
         *
         */
        'If-Match'?: string;
        /**
         * * or a list of entity tags, in quotation marks
         *
         * One or more `ETag` values, or `*` for any. If the resource has one of these versions, a read is 304 and a change 412
         * (RFC 9110, section 13.1.2).
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
     */
    401: Problem;
    /**
     * The request can be read but breaks the contract.
     */
    422: Problem;
    /**
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The account was deleted.
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
         * One or more `ETag` values, or `*` for any. If the resource has none of these versions, the response is 412 (RFC 9110,
         * section 13.1.1).
         *
         */
        'If-Match'?: string;
        /**
         * * or a list of entity tags, in quotation marks
         *
         * One or more `ETag` values, or `*` for any. If the resource has one of these versions, a read is 304 and a change 412
         * (RFC 9110, section 13.1.2).
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * All sessions of the account have ended.
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
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
         * The maximum number of items in a page.
         */
        limit?: number;
        /**
         * The `next_cursor` of the previous page. Opaque.
         */
        cursor?: string;
        /**
         * Only events of this type.
         */
        type?: AuditEventType;
        /**
         * Only events that this account caused.
         */
        actor_id?: Ulid;
        /**
         * Only events that affected this account.
         */
        target_id?: Ulid;
    };
    url: '/api/v1/audit-events';
};
export type ListAuditEventsErrors = {
    /**
     * The access token is missing or invalid.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
     * Too many requests of this class, or too many failed passwords. Retry after `Retry-After` seconds.
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
