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
 * Liveness
 *
 * Responds as long as the process runs. It checks no dependency; use it as a liveness probe.
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
 * Readiness
 *
 * Responds with 200 while every required dependency works; use it as a readiness probe. A `degraded` service can serve most
 * requests and should get traffic.
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
 * Creates an active account with the role `user` and logs it in. E-mails are case-insensitive and shown as typed. The
 * response discloses whether an e-mail is taken, as any sign-up form does.
 *
 */
export declare const registerUserMutation: (options?: Partial<Options<RegisterUserData>>) => UseMutationOptions<RegisterUserResponse, RegisterUserError, Options<RegisterUserData>>;
/**
 * Log in with e-mail and password
 *
 * Opens a new session. An unknown e-mail, a wrong password and an inactive account get the same response, in the same
 * time. After several wrong passwords for an account from one address, or many from one address or for one account, no
 * password is checked for 15 seconds to 15 minutes: 429 `too_many_attempts`, whether or not the account exists. With a
 * `device_token` that the account knows, only failures with that token delay the login.
 *
 */
export declare const loginUserMutation: (options?: Partial<Options<LoginUserData>>) => UseMutationOptions<LoginUserResponse, LoginUserError, Options<LoginUserData>>;
/**
 * Exchange a refresh token for a new pair
 *
 * Returns the successor of the refresh token, which can be used once. Reuse means that two parties have the token, so it
 * ends the session, and both must log in again. A client that lost the response may retry for a short time: with the same
 * `User-Agent`, and from another network once a day, it gets the same successor.
 *
 */
export declare const refreshTokensMutation: (options?: Partial<Options<RefreshTokensData>>) => UseMutationOptions<RefreshTokensResponse, RefreshTokensError, Options<RefreshTokensData>>;
/**
 * End the session of a refresh token
 *
 * Ends the session of a refresh token, used or not, and revokes its access tokens. The response is 204 also if the token is
 * unknown or its session has ended already.
 *
 */
export declare const logoutUserMutation: (options?: Partial<Options<LogoutUserData>>) => UseMutationOptions<LogoutUserResponse, LogoutUserError, Options<LogoutUserData>>;
/**
 * End all my sessions
 *
 * Ends every session of the account, including this one. Their access and refresh tokens stop working immediately.
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
 * For administrators. Paginated: send `next_cursor` of a page as `cursor` to get the next one, with the same `sort`; filters
 * may change. Accounts that are created or deleted during pagination do not cause skipped or repeated accounts.
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
 * For administrators. Paginated: send `next_cursor` of a page as `cursor` to get the next one, with the same `sort`; filters
 * may change. Accounts that are created or deleted during pagination do not cause skipped or repeated accounts.
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
 * The account of the access token.
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
 * Changes the members that are present. `name: null` clears the name; `email` and `password` must not be null, and require
 * `current_password`. A new password ends all other sessions of the account.
 *
 */
export declare const updateCurrentUserMutation: (options?: Partial<Options<UpdateCurrentUserData>>) => UseMutationOptions<UpdateCurrentUserResponse, UpdateCurrentUserError, Options<UpdateCurrentUserData>>;
export declare const listCurrentUserSessionsQueryKey: (options?: Options<ListCurrentUserSessionsData>) => [Pick<Options<ListCurrentUserSessionsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * My sessions
 *
 * The live sessions of the account, the most recently used first. They are few, so there is one page and `next_cursor` is
 * null.
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
 * Its tokens stop working immediately. A session of another account, or one that has ended, is 404.
 */
export declare const revokeCurrentUserSessionMutation: (options?: Partial<Options<RevokeCurrentUserSessionData>>) => UseMutationOptions<RevokeCurrentUserSessionResponse, RevokeCurrentUserSessionError, Options<RevokeCurrentUserSessionData>>;
/**
 * Delete my account
 *
 * Permanently deletes the account and its sessions; the e-mail can be registered again. The last active administrator cannot
 * be deleted.
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
 * For administrators. Other clients get 403, whether or not the account exists.
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
 * For administrators. Changes the members that are present. Deactivating an account or changing its role ends its sessions
 * immediately. The last active administrator can be neither demoted nor deactivated.
 *
 */
export declare const updateUserMutation: (options?: Partial<Options<UpdateUserData>>) => UseMutationOptions<UpdateUserResponse, UpdateUserError, Options<UpdateUserData>>;
/**
 * End all sessions of an account
 *
 * For administrators. The account can log in again unless it is inactive.
 */
export declare const revokeUserSessionsMutation: (options?: Partial<Options<RevokeUserSessionsData>>) => UseMutationOptions<RevokeUserSessionsResponse, RevokeUserSessionsError, Options<RevokeUserSessionsData>>;
/**
 * Reset the login throttle of an account
 *
 * For administrators. Deletes the failure counts of the account, of every address and device, so that it can log in
 * immediately.
 *
 */
export declare const clearUserThrottleMutation: (options?: Partial<Options<ClearUserThrottleData>>) => UseMutationOptions<ClearUserThrottleResponse, ClearUserThrottleError, Options<ClearUserThrottleData>>;
export declare const listAuditEventsQueryKey: (options?: Options<ListAuditEventsData>) => [Pick<Options<ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}];
/**
 * Audit events
 *
 * For administrators. Newest first, paginated. Each event is written in the transaction of the change that it records, and is
 * immutable. Identifiers are kept after their account or session is deleted. Events contain no e-mail, password or token.
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
 * Audit events
 *
 * For administrators. Newest first, paginated. Each event is written in the transaction of the change that it records, and is
 * immutable. Identifiers are kept after their account or session is deleted. Events contain no e-mail, password or token.
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
 * The JWK Set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)) with which other services verify access tokens. With HS256
 * there is no public key and the set is empty. A key is published long before it signs, so the set may be cached as
 * `Cache-Control` allows.
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
