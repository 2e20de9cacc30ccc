import type { Client, ClientMeta, Options as Options2, RequestResult, TDataShape } from './client/index.js';
import type { ClearUserThrottleData, ClearUserThrottleErrors, ClearUserThrottleResponses, DeleteCurrentUserData, DeleteCurrentUserErrors, DeleteCurrentUserResponses, GetCurrentUserData, GetCurrentUserErrors, GetCurrentUserResponses, GetHealthData, GetHealthErrors, GetHealthResponses, GetJsonWebKeySetData, GetJsonWebKeySetErrors, GetJsonWebKeySetResponses, GetReadinessData, GetReadinessErrors, GetReadinessResponses, GetUserData, GetUserErrors, GetUserResponses, ListAuditEventsData, ListAuditEventsErrors, ListAuditEventsResponses, ListCurrentUserSessionsData, ListCurrentUserSessionsErrors, ListCurrentUserSessionsResponses, ListUsersData, ListUsersErrors, ListUsersResponses, LoginUserData, LoginUserErrors, LoginUserResponses, LogoutAllSessionsData, LogoutAllSessionsErrors, LogoutAllSessionsResponses, LogoutUserData, LogoutUserErrors, LogoutUserResponses, RefreshTokensData, RefreshTokensErrors, RefreshTokensResponses, RegisterUserData, RegisterUserErrors, RegisterUserResponses, RevokeCurrentUserSessionData, RevokeCurrentUserSessionErrors, RevokeCurrentUserSessionResponses, RevokeUserSessionsData, RevokeUserSessionsErrors, RevokeUserSessionsResponses, UpdateCurrentUserData, UpdateCurrentUserErrors, UpdateCurrentUserResponses, UpdateUserData, UpdateUserErrors, UpdateUserResponses } from './types.gen.js';
export type Options<TData extends TDataShape = TDataShape, ThrowOnError extends boolean = boolean, TResponse = unknown> = Options2<TData, ThrowOnError, TResponse> & {
    /**
     * You can provide a client instance returned by `createClient()` instead of
     * individual options. This might be also useful if you want to implement a
     * custom client.
     */
    client: Client;
    /**
     * You can pass arbitrary values through the `meta` object. This can be
     * used to access values that aren't defined as part of the SDK function.
     */
    meta?: keyof ClientMeta extends never ? Record<string, unknown> : ClientMeta;
};
/**
 * Liveness
 *
 * Responds as long as the process runs. It checks no dependency; use it as a liveness probe.
 */
export declare const getHealth: <ThrowOnError extends boolean = true>(options: Options<GetHealthData, ThrowOnError>) => RequestResult<GetHealthResponses, GetHealthErrors, ThrowOnError>;
/**
 * Readiness
 *
 * Responds with 200 while every required dependency works; use it as a readiness probe. A `degraded` service can serve most
 * requests and should get traffic.
 *
 */
export declare const getReadiness: <ThrowOnError extends boolean = true>(options: Options<GetReadinessData, ThrowOnError>) => RequestResult<GetReadinessResponses, GetReadinessErrors, ThrowOnError>;
/**
 * Create an account
 *
 * Creates an active account with the role `user` and logs it in. E-mails are case-insensitive and shown as typed. The
 * response discloses whether an e-mail is taken, as any sign-up form does.
 *
 */
export declare const registerUser: <ThrowOnError extends boolean = true>(options: Options<RegisterUserData, ThrowOnError>) => RequestResult<RegisterUserResponses, RegisterUserErrors, ThrowOnError>;
/**
 * Log in with e-mail and password
 *
 * Opens a new session. An unknown e-mail, a wrong password and an inactive account get the same response, in the same
 * time. After several wrong passwords for an account from one address, or many from one address or for one account, no
 * password is checked for 15 seconds to 15 minutes: 429 `too_many_attempts`, whether or not the account exists. With a
 * `device_token` that the account knows, only failures with that token delay the login.
 *
 */
export declare const loginUser: <ThrowOnError extends boolean = true>(options: Options<LoginUserData, ThrowOnError>) => RequestResult<LoginUserResponses, LoginUserErrors, ThrowOnError>;
/**
 * Exchange a refresh token for a new pair
 *
 * Returns the successor of the refresh token, which can be used once. Reuse means that two parties have the token, so it
 * ends the session, and both must log in again. A client that lost the response may retry for a short time: with the same
 * `User-Agent`, and from another network once a day, it gets the same successor.
 *
 */
export declare const refreshTokens: <ThrowOnError extends boolean = true>(options: Options<RefreshTokensData, ThrowOnError>) => RequestResult<RefreshTokensResponses, RefreshTokensErrors, ThrowOnError>;
/**
 * End the session of a refresh token
 *
 * Ends the session of a refresh token, used or not, and revokes its access tokens. The response is 204 also if the token is
 * unknown or its session has ended already.
 *
 */
export declare const logoutUser: <ThrowOnError extends boolean = true>(options: Options<LogoutUserData, ThrowOnError>) => RequestResult<LogoutUserResponses, LogoutUserErrors, ThrowOnError>;
/**
 * End all my sessions
 *
 * Ends every session of the account, including this one. Their access and refresh tokens stop working immediately.
 */
export declare const logoutAllSessions: <ThrowOnError extends boolean = true>(options: Options<LogoutAllSessionsData, ThrowOnError>) => RequestResult<LogoutAllSessionsResponses, LogoutAllSessionsErrors, ThrowOnError>;
/**
 * All accounts
 *
 * For administrators. Paginated: send `next_cursor` of a page as `cursor` to get the next one, with the same `sort`; filters
 * may change. Accounts that are created or deleted during pagination do not cause skipped or repeated accounts.
 *
 */
export declare const listUsers: <ThrowOnError extends boolean = true>(options: Options<ListUsersData, ThrowOnError>) => RequestResult<ListUsersResponses, ListUsersErrors, ThrowOnError>;
/**
 * My account
 *
 * The account of the access token.
 */
export declare const getCurrentUser: <ThrowOnError extends boolean = true>(options: Options<GetCurrentUserData, ThrowOnError>) => RequestResult<GetCurrentUserResponses, GetCurrentUserErrors, ThrowOnError>;
/**
 * Change my account
 *
 * Changes the members that are present. `name: null` clears the name; `email` and `password` must not be null, and require
 * `current_password`. A new password ends all other sessions of the account.
 *
 */
export declare const updateCurrentUser: <ThrowOnError extends boolean = true>(options: Options<UpdateCurrentUserData, ThrowOnError>) => RequestResult<UpdateCurrentUserResponses, UpdateCurrentUserErrors, ThrowOnError>;
/**
 * My sessions
 *
 * The live sessions of the account, the most recently used first. They are few, so there is one page and `next_cursor` is
 * null.
 *
 */
export declare const listCurrentUserSessions: <ThrowOnError extends boolean = true>(options: Options<ListCurrentUserSessionsData, ThrowOnError>) => RequestResult<ListCurrentUserSessionsResponses, ListCurrentUserSessionsErrors, ThrowOnError>;
/**
 * End one of my sessions
 *
 * Its tokens stop working immediately. A session of another account, or one that has ended, is 404.
 */
export declare const revokeCurrentUserSession: <ThrowOnError extends boolean = true>(options: Options<RevokeCurrentUserSessionData, ThrowOnError>) => RequestResult<RevokeCurrentUserSessionResponses, RevokeCurrentUserSessionErrors, ThrowOnError>;
/**
 * Delete my account
 *
 * Permanently deletes the account and its sessions; the e-mail can be registered again. The last active administrator cannot
 * be deleted.
 *
 */
export declare const deleteCurrentUser: <ThrowOnError extends boolean = true>(options: Options<DeleteCurrentUserData, ThrowOnError>) => RequestResult<DeleteCurrentUserResponses, DeleteCurrentUserErrors, ThrowOnError>;
/**
 * Any account
 *
 * For administrators. Other clients get 403, whether or not the account exists.
 */
export declare const getUser: <ThrowOnError extends boolean = true>(options: Options<GetUserData, ThrowOnError>) => RequestResult<GetUserResponses, GetUserErrors, ThrowOnError>;
/**
 * Change any account
 *
 * For administrators. Changes the members that are present. Deactivating an account or changing its role ends its sessions
 * immediately. The last active administrator can be neither demoted nor deactivated.
 *
 */
export declare const updateUser: <ThrowOnError extends boolean = true>(options: Options<UpdateUserData, ThrowOnError>) => RequestResult<UpdateUserResponses, UpdateUserErrors, ThrowOnError>;
/**
 * End all sessions of an account
 *
 * For administrators. The account can log in again unless it is inactive.
 */
export declare const revokeUserSessions: <ThrowOnError extends boolean = true>(options: Options<RevokeUserSessionsData, ThrowOnError>) => RequestResult<RevokeUserSessionsResponses, RevokeUserSessionsErrors, ThrowOnError>;
/**
 * Reset the login throttle of an account
 *
 * For administrators. Deletes the failure counts of the account, of every address and device, so that it can log in
 * immediately.
 *
 */
export declare const clearUserThrottle: <ThrowOnError extends boolean = true>(options: Options<ClearUserThrottleData, ThrowOnError>) => RequestResult<ClearUserThrottleResponses, ClearUserThrottleErrors, ThrowOnError>;
/**
 * Audit events
 *
 * For administrators. Newest first, paginated. Each event is written in the transaction of the change that it records, and is
 * immutable. Identifiers are kept after their account or session is deleted. Events contain no e-mail, password or token.
 *
 */
export declare const listAuditEvents: <ThrowOnError extends boolean = true>(options: Options<ListAuditEventsData, ThrowOnError>) => RequestResult<ListAuditEventsResponses, ListAuditEventsErrors, ThrowOnError>;
/**
 * Public keys of access tokens
 *
 * The JWK Set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)) with which other services verify access tokens. With HS256
 * there is no public key and the set is empty. A key is published long before it signs, so the set may be cached as
 * `Cache-Control` allows.
 *
 */
export declare const getJsonWebKeySet: <ThrowOnError extends boolean = true>(options: Options<GetJsonWebKeySetData, ThrowOnError>) => RequestResult<GetJsonWebKeySetResponses, GetJsonWebKeySetErrors, ThrowOnError>;
