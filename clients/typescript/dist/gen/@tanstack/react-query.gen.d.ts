import { type InfiniteData, type UseMutationOptions } from '@tanstack/react-query';
import { type Options } from '../sdk.gen.js';
import type { ClearUserThrottleData, ClearUserThrottleError, ClearUserThrottleResponse, DeleteCurrentUserData, DeleteCurrentUserError, DeleteCurrentUserResponse, GetCurrentUserData, GetHealthData, GetJsonWebKeySetData, GetReadinessData, GetUserData, ListAuditEventsData, ListCurrentUserSessionsData, ListUsersData, LoginUserData, LoginUserError, LoginUserResponse, LogoutAllSessionsData, LogoutAllSessionsError, LogoutAllSessionsResponse, LogoutUserData, LogoutUserError, LogoutUserResponse, RefreshTokensData, RefreshTokensError, RefreshTokensResponse, RegisterUserData, RegisterUserError, RegisterUserResponse, RevokeCurrentUserSessionData, RevokeCurrentUserSessionError, RevokeCurrentUserSessionResponse, RevokeUserSessionsData, RevokeUserSessionsError, RevokeUserSessionsResponse, UpdateCurrentUserData, UpdateCurrentUserError, UpdateCurrentUserResponse, UpdateUserData, UpdateUserError, UpdateUserResponse } from '../types.gen.js';
export type QueryKey<TOptions extends Options> = [
    Pick<TOptions, 'baseUrl' | 'body' | 'headers' | 'path' | 'query'> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }
];
export declare const getHealthQueryKey: (options?: Options<GetHealthData>) => [Pick<Options<GetHealthData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Is the process up?
 *
 * Answers as long as the process can answer at all. It looks at no dependency; use it for liveness.
 */
export declare const getHealthOptions: (options: Options<GetHealthData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").Health, import("../types.gen.js").Problem, import("../types.gen.js").Health, [Pick<Options<GetHealthData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").Health, [Pick<Options<GetHealthData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<GetHealthData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").Health, import("../types.gen.js").Problem>;
export declare const getReadinessQueryKey: (options?: Options<GetReadinessData>) => [Pick<Options<GetReadinessData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Should it get traffic?
 *
 * Answers 200 while every required dependency answers; use it for readiness. A service that is `degraded` still does
 * most of its work, and should get traffic.
 *
 */
export declare const getReadinessOptions: (options: Options<GetReadinessData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").Readiness, import("../types.gen.js").Problem, import("../types.gen.js").Readiness, [Pick<Options<GetReadinessData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").Readiness, [Pick<Options<GetReadinessData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<GetReadinessData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").Readiness, import("../types.gen.js").Problem>;
/**
 * Create an account
 *
 * Creates an active account with the role `user` and logs it in. E-mails are compared without regard to case and
 * shown as typed. That an e-mail is taken is disclosed, as sign-up forms have to.
 *
 */
export declare const registerUserMutation: (options?: Partial<Options<RegisterUserData>>) => UseMutationOptions<RegisterUserResponse, RegisterUserError, Options<RegisterUserData>>;
/**
 * Log in with e-mail and password
 *
 * Opens a new session. An unknown e-mail, a wrong password and an inactive account get the same answer, in the
 * same time. After some wrong passwords for an account from one address, or many from one address or for one account,
 * no password is looked at for a while, from 15 seconds up to 15 minutes: 429 `too_many_attempts`, with or without an
 * account. With a `device_token` that the account knows, only failures with that token delay the login.
 *
 */
export declare const loginUserMutation: (options?: Partial<Options<LoginUserData>>) => UseMutationOptions<LoginUserResponse, LoginUserError, Options<LoginUserData>>;
/**
 * Exchange a refresh token for a new pair
 *
 * The refresh token is used up and its successor returned. Presenting a used one again means that two parties hold
 * it, so the whole session ends and both have to log in again. A client that lost the answer may repeat the request for
 * a short time: with the same `User-Agent`, and from another network once a day, it gets the same successor.
 *
 */
export declare const refreshTokensMutation: (options?: Partial<Options<RefreshTokensData>>) => UseMutationOptions<RefreshTokensResponse, RefreshTokensError, Options<RefreshTokensData>>;
/**
 * End the session of a refresh token
 *
 * Any token of the session does, used or not, and the session's access tokens end with it. A token that is unknown or
 * that belongs to a session which has ended already is 204 too: there is nothing left to end.
 *
 */
export declare const logoutUserMutation: (options?: Partial<Options<LogoutUserData>>) => UseMutationOptions<LogoutUserResponse, LogoutUserError, Options<LogoutUserData>>;
/**
 * End all my sessions
 *
 * Ends every session of the caller, this one included. All of their access and refresh tokens stop working at once.
 */
export declare const logoutAllSessionsMutation: (options?: Partial<Options<LogoutAllSessionsData>>) => UseMutationOptions<LogoutAllSessionsResponse, LogoutAllSessionsError, Options<LogoutAllSessionsData>>;
export declare const listUsersQueryKey: (options?: Options<ListUsersData>) => [Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * All accounts
 *
 * For administrators, a page at a time. Pass `next_cursor` of one page as `cursor` to get the next, with the same
 * `sort`; filters may change. Accounts that are created or deleted meanwhile never make a page skip or repeat others.
 *
 */
export declare const listUsersOptions: (options: Options<ListUsersData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").UserList, import("../types.gen.js").Problem, import("../types.gen.js").UserList, [Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").UserList, [Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").UserList, import("../types.gen.js").Problem>;
export declare const listUsersInfiniteQueryKey: (options?: Options<ListUsersData>) => QueryKey<Options<ListUsersData>>;
/**
 * All accounts
 *
 * For administrators, a page at a time. Pass `next_cursor` of one page as `cursor` to get the next, with the same
 * `sort`; filters may change. Accounts that are created or deleted meanwhile never make a page skip or repeat others.
 *
 */
export declare const listUsersInfiniteOptions: (options: Options<ListUsersData>) => Omit<import("@tanstack/react-query").UseInfiniteQueryOptions<import("../types.gen.js").UserList, import("../types.gen.js").Problem, InfiniteData<import("../types.gen.js").UserList, unknown>, QueryKey<Options<ListUsersData>>, string | Pick<Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}, "body" | "headers" | "path" | "query">> & {
    initialData: InfiniteData<import("../types.gen.js").UserList, string | Pick<Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">> | (() => InfiniteData<import("../types.gen.js").UserList, string | Pick<Pick<Options<ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">>);
} & import("@tanstack/react-query").QueryKeyWithDataTag<QueryKey<Options<ListUsersData>>, InfiniteData<import("../types.gen.js").UserList, unknown>, import("../types.gen.js").Problem>, 'initialData'>;
export declare const getCurrentUserQueryKey: (options?: Options<GetCurrentUserData>) => [Pick<Options<GetCurrentUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * My account
 *
 * The account that the access token belongs to.
 */
export declare const getCurrentUserOptions: (options: Options<GetCurrentUserData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").User, import("../types.gen.js").Problem, import("../types.gen.js").User, [Pick<Options<GetCurrentUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").User, [Pick<Options<GetCurrentUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<GetCurrentUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").User, import("../types.gen.js").Problem>;
/**
 * Change my account
 *
 * Changes the members that are sent and leaves the others as they are. `name: null` clears the name; `email` and
 * `password` cannot be null, and need `current_password` beside them. A new password ends all other sessions of the
 * account.
 *
 */
export declare const updateCurrentUserMutation: (options?: Partial<Options<UpdateCurrentUserData>>) => UseMutationOptions<UpdateCurrentUserResponse, UpdateCurrentUserError, Options<UpdateCurrentUserData>>;
export declare const listCurrentUserSessionsQueryKey: (options?: Options<ListCurrentUserSessionsData>) => [Pick<Options<ListCurrentUserSessionsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Where I am logged in
 *
 * The caller's live sessions, the one used last first. There are never many, so they come on one page and `next_cursor`
 * is null.
 *
 */
export declare const listCurrentUserSessionsOptions: (options: Options<ListCurrentUserSessionsData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").SessionList, import("../types.gen.js").Problem, import("../types.gen.js").SessionList, [Pick<Options<ListCurrentUserSessionsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").SessionList, [Pick<Options<ListCurrentUserSessionsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<ListCurrentUserSessionsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").SessionList, import("../types.gen.js").Problem>;
/**
 * End one of my sessions
 *
 * Its tokens stop working at once. A session of somebody else, or one that has ended, is 404.
 */
export declare const revokeCurrentUserSessionMutation: (options?: Partial<Options<RevokeCurrentUserSessionData>>) => UseMutationOptions<RevokeCurrentUserSessionResponse, RevokeCurrentUserSessionError, Options<RevokeCurrentUserSessionData>>;
/**
 * Delete my account
 *
 * Deletes the account and its sessions for good; the e-mail can be registered again. The last active administrator
 * cannot go. Audit events that name the account's identifier stay.
 *
 */
export declare const deleteCurrentUserMutation: (options?: Partial<Options<DeleteCurrentUserData>>) => UseMutationOptions<DeleteCurrentUserResponse, DeleteCurrentUserError, Options<DeleteCurrentUserData>>;
export declare const getUserQueryKey: (options: Options<GetUserData>) => [Pick<Options<GetUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Any account
 *
 * For administrators. Callers who are not get 403, whether or not the account exists.
 */
export declare const getUserOptions: (options: Options<GetUserData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").User, import("../types.gen.js").Problem, import("../types.gen.js").User, [Pick<Options<GetUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").User, [Pick<Options<GetUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<GetUserData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").User, import("../types.gen.js").Problem>;
/**
 * Change any account
 *
 * For administrators. Changes the members that are sent. An account that is deactivated, and one whose role changes, is
 * logged out everywhere at once. The last active administrator can be neither demoted nor deactivated.
 *
 */
export declare const updateUserMutation: (options?: Partial<Options<UpdateUserData>>) => UseMutationOptions<UpdateUserResponse, UpdateUserError, Options<UpdateUserData>>;
/**
 * End all sessions of an account
 *
 * For administrators. The account can log in again, unless it is deactivated as well.
 */
export declare const revokeUserSessionsMutation: (options?: Partial<Options<RevokeUserSessionsData>>) => UseMutationOptions<RevokeUserSessionsResponse, RevokeUserSessionsError, Options<RevokeUserSessionsData>>;
/**
 * Let a throttled account in
 *
 * For administrators. Forgets the failed passwords of the account, from every address and device, so that its owner need not wait.
 */
export declare const clearUserThrottleMutation: (options?: Partial<Options<ClearUserThrottleData>>) => UseMutationOptions<ClearUserThrottleResponse, ClearUserThrottleError, Options<ClearUserThrottleData>>;
export declare const listAuditEventsQueryKey: (options?: Options<ListAuditEventsData>) => [Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Who did what, and when
 *
 * For administrators. The newest first, a page at a time. An event is written together with what it tells of, or that does
 * not happen; nobody can change one. Identifiers stay after the account or session that they name is gone. Events hold
 * no e-mail, password or token.
 *
 */
export declare const listAuditEventsOptions: (options: Options<ListAuditEventsData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").AuditEventList, import("../types.gen.js").Problem, import("../types.gen.js").AuditEventList, [Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").AuditEventList, [Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").AuditEventList, import("../types.gen.js").Problem>;
export declare const listAuditEventsInfiniteQueryKey: (options?: Options<ListAuditEventsData>) => QueryKey<Options<ListAuditEventsData>>;
/**
 * Who did what, and when
 *
 * For administrators. The newest first, a page at a time. An event is written together with what it tells of, or that does
 * not happen; nobody can change one. Identifiers stay after the account or session that they name is gone. Events hold
 * no e-mail, password or token.
 *
 */
export declare const listAuditEventsInfiniteOptions: (options: Options<ListAuditEventsData>) => Omit<import("@tanstack/react-query").UseInfiniteQueryOptions<import("../types.gen.js").AuditEventList, import("../types.gen.js").Problem, InfiniteData<import("../types.gen.js").AuditEventList, unknown>, QueryKey<Options<ListAuditEventsData>>, string | Pick<Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}, "body" | "headers" | "path" | "query">> & {
    initialData: InfiniteData<import("../types.gen.js").AuditEventList, string | Pick<Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">> | (() => InfiniteData<import("../types.gen.js").AuditEventList, string | Pick<Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">>);
} & import("@tanstack/react-query").QueryKeyWithDataTag<QueryKey<Options<ListAuditEventsData>>, InfiniteData<import("../types.gen.js").AuditEventList, unknown>, import("../types.gen.js").Problem>, 'initialData'>;
export declare const getJsonWebKeySetQueryKey: (options?: Options<GetJsonWebKeySetData>) => [Pick<Options<GetJsonWebKeySetData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Public keys of access tokens
 *
 * The JWK Set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)) to verify access tokens with, for other services. With
 * HS256 there is no public key and the set is empty. A key is published long before it signs, so a copy may be kept for as
 * long as `Cache-Control` says.
 *
 */
export declare const getJsonWebKeySetOptions: (options: Options<GetJsonWebKeySetData>) => import("@tanstack/react-query").OmitKeyof<import("@tanstack/react-query").UseQueryOptions<import("../types.gen.js").JsonWebKeySet, import("../types.gen.js").Problem, import("../types.gen.js").JsonWebKeySet, [Pick<Options<GetJsonWebKeySetData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}]>, "queryFn"> & {
    queryFn?: import("@tanstack/react-query").QueryFunction<import("../types.gen.js").JsonWebKeySet, [Pick<Options<GetJsonWebKeySetData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }], never> | undefined;
} & import("@tanstack/react-query").QueryKeyWithDataTag<[Pick<Options<GetJsonWebKeySetData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}], import("../types.gen.js").JsonWebKeySet, import("../types.gen.js").Problem>;
