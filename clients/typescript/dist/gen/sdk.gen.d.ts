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
 * Is the process up?
 *
 * Answers as long as the process can answer at all. It looks at no dependency; use it for liveness.
 */
export declare const getHealth: <ThrowOnError extends boolean = true>(options: Options<GetHealthData, ThrowOnError>) => RequestResult<GetHealthResponses, GetHealthErrors, ThrowOnError>;
/**
 * Should it get traffic?
 *
 * Answers 200 while every required dependency answers; use it for readiness. A service that is `degraded` still does
 * most of its work, and should get traffic.
 *
 */
export declare const getReadiness: <ThrowOnError extends boolean = true>(options: Options<GetReadinessData, ThrowOnError>) => RequestResult<GetReadinessResponses, GetReadinessErrors, ThrowOnError>;
/**
 * Create an account
 *
 * Creates an active account with the role `user` and logs it in. E-mails are compared without regard to case and
 * shown as typed. That an e-mail is taken is disclosed, as sign-up forms have to.
 *
 */
export declare const registerUser: <ThrowOnError extends boolean = true>(options: Options<RegisterUserData, ThrowOnError>) => RequestResult<RegisterUserResponses, RegisterUserErrors, ThrowOnError>;
/**
 * Log in with e-mail and password
 *
 * Opens a new session. An unknown e-mail, a wrong password and an inactive account get the same answer, in the
 * same time. After some wrong passwords for an account from one address, or many from one address or for one account,
 * no password is looked at for a while, from 15 seconds up to 15 minutes: 429 `too_many_attempts`, with or without an
 * account. With a `device_token` that the account knows, only failures with that token delay the login.
 *
 */
export declare const loginUser: <ThrowOnError extends boolean = true>(options: Options<LoginUserData, ThrowOnError>) => RequestResult<LoginUserResponses, LoginUserErrors, ThrowOnError>;
/**
 * Exchange a refresh token for a new pair
 *
 * The refresh token is used up and its successor returned. Presenting a used one again means that two parties hold
 * it, so the whole session ends and both have to log in again. A client that lost the answer may repeat the request for
 * a short time: with the same `User-Agent`, and from another network once a day, it gets the same successor.
 *
 */
export declare const refreshTokens: <ThrowOnError extends boolean = true>(options: Options<RefreshTokensData, ThrowOnError>) => RequestResult<RefreshTokensResponses, RefreshTokensErrors, ThrowOnError>;
/**
 * End the session of a refresh token
 *
 * Any token of the session does, used or not, and the session's access tokens end with it. A token that is unknown or
 * that belongs to a session which has ended already is 204 too: there is nothing left to end.
 *
 */
export declare const logoutUser: <ThrowOnError extends boolean = true>(options: Options<LogoutUserData, ThrowOnError>) => RequestResult<LogoutUserResponses, LogoutUserErrors, ThrowOnError>;
/**
 * End all my sessions
 *
 * Ends every session of the caller, this one included. All of their access and refresh tokens stop working at once.
 */
export declare const logoutAllSessions: <ThrowOnError extends boolean = true>(options: Options<LogoutAllSessionsData, ThrowOnError>) => RequestResult<LogoutAllSessionsResponses, LogoutAllSessionsErrors, ThrowOnError>;
/**
 * All accounts
 *
 * For administrators, a page at a time. Pass `next_cursor` of one page as `cursor` to get the next, with the same
 * `sort`; filters may change. Accounts that are created or deleted meanwhile never make a page skip or repeat others.
 *
 */
export declare const listUsers: <ThrowOnError extends boolean = true>(options: Options<ListUsersData, ThrowOnError>) => RequestResult<ListUsersResponses, ListUsersErrors, ThrowOnError>;
/**
 * My account
 *
 * The account that the access token belongs to.
 */
export declare const getCurrentUser: <ThrowOnError extends boolean = true>(options: Options<GetCurrentUserData, ThrowOnError>) => RequestResult<GetCurrentUserResponses, GetCurrentUserErrors, ThrowOnError>;
/**
 * Change my account
 *
 * Changes the members that are sent and leaves the others as they are. `name: null` clears the name; `email` and
 * `password` cannot be null, and need `current_password` beside them. A new password ends all other sessions of the
 * account.
 *
 */
export declare const updateCurrentUser: <ThrowOnError extends boolean = true>(options: Options<UpdateCurrentUserData, ThrowOnError>) => RequestResult<UpdateCurrentUserResponses, UpdateCurrentUserErrors, ThrowOnError>;
/**
 * Where I am logged in
 *
 * The caller's live sessions, the one used last first. There are never many, so they come on one page and `next_cursor`
 * is null.
 *
 */
export declare const listCurrentUserSessions: <ThrowOnError extends boolean = true>(options: Options<ListCurrentUserSessionsData, ThrowOnError>) => RequestResult<ListCurrentUserSessionsResponses, ListCurrentUserSessionsErrors, ThrowOnError>;
/**
 * End one of my sessions
 *
 * Its tokens stop working at once. A session of somebody else, or one that has ended, is 404.
 */
export declare const revokeCurrentUserSession: <ThrowOnError extends boolean = true>(options: Options<RevokeCurrentUserSessionData, ThrowOnError>) => RequestResult<RevokeCurrentUserSessionResponses, RevokeCurrentUserSessionErrors, ThrowOnError>;
/**
 * Delete my account
 *
 * Deletes the account and its sessions for good; the e-mail can be registered again. The last active administrator
 * cannot go. Audit events that name the account's identifier stay.
 *
 */
export declare const deleteCurrentUser: <ThrowOnError extends boolean = true>(options: Options<DeleteCurrentUserData, ThrowOnError>) => RequestResult<DeleteCurrentUserResponses, DeleteCurrentUserErrors, ThrowOnError>;
/**
 * Any account
 *
 * For administrators. Callers who are not get 403, whether or not the account exists.
 */
export declare const getUser: <ThrowOnError extends boolean = true>(options: Options<GetUserData, ThrowOnError>) => RequestResult<GetUserResponses, GetUserErrors, ThrowOnError>;
/**
 * Change any account
 *
 * For administrators. Changes the members that are sent. An account that is deactivated, and one whose role changes, is
 * logged out everywhere at once. The last active administrator can be neither demoted nor deactivated.
 *
 */
export declare const updateUser: <ThrowOnError extends boolean = true>(options: Options<UpdateUserData, ThrowOnError>) => RequestResult<UpdateUserResponses, UpdateUserErrors, ThrowOnError>;
/**
 * End all sessions of an account
 *
 * For administrators. The account can log in again, unless it is deactivated as well.
 */
export declare const revokeUserSessions: <ThrowOnError extends boolean = true>(options: Options<RevokeUserSessionsData, ThrowOnError>) => RequestResult<RevokeUserSessionsResponses, RevokeUserSessionsErrors, ThrowOnError>;
/**
 * Let a throttled account in
 *
 * For administrators. Forgets the failed passwords of the account, from every address and device, so that its owner need not wait.
 */
export declare const clearUserThrottle: <ThrowOnError extends boolean = true>(options: Options<ClearUserThrottleData, ThrowOnError>) => RequestResult<ClearUserThrottleResponses, ClearUserThrottleErrors, ThrowOnError>;
/**
 * Who did what, and when
 *
 * For administrators. The newest first, a page at a time. An event is written together with what it tells of, or that does
 * not happen; nobody can change one. Identifiers stay after the account or session that they name is gone. Events hold
 * no e-mail, password or token.
 *
 */
export declare const listAuditEvents: <ThrowOnError extends boolean = true>(options: Options<ListAuditEventsData, ThrowOnError>) => RequestResult<ListAuditEventsResponses, ListAuditEventsErrors, ThrowOnError>;
/**
 * Public keys of access tokens
 *
 * The JWK Set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)) to verify access tokens with, for other services. With
 * HS256 there is no public key and the set is empty. A key is published long before it signs, so a copy may be kept for as
 * long as `Cache-Control` says.
 *
 */
export declare const getJsonWebKeySet: <ThrowOnError extends boolean = true>(options: Options<GetJsonWebKeySetData, ThrowOnError>) => RequestResult<GetJsonWebKeySetResponses, GetJsonWebKeySetErrors, ThrowOnError>;
