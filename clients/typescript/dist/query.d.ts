import * as generated from "./gen/@tanstack/react-query.gen.js";
import type { NextCursor } from "./gen/types.gen.js";
export * from "./gen/@tanstack/react-query.gen.js";
/** All accounts, for `useInfiniteQuery`. */
export declare const listUsersInfiniteOptions: (options: Parameters<typeof generated.listUsersInfiniteOptions>[0]) => Omit<import("@tanstack/react-query").UseInfiniteQueryOptions<import("./gen/types.gen.js").UserList, import("./gen/types.gen.js").Problem, import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").UserList, unknown>, generated.QueryKey<import("./index.js").Options<import("./gen/types.gen.js").ListUsersData>>, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}, "body" | "headers" | "path" | "query">> & {
    initialData: import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").UserList, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">> | (() => import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").UserList, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListUsersData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">>);
} & import("@tanstack/query-core").QueryKeyWithDataTag<generated.QueryKey<import("./index.js").Options<import("./gen/types.gen.js").ListUsersData>>, import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").UserList, unknown>, import("./gen/types.gen.js").Problem>, "initialData"> & {
    initialPageParam: {};
    getNextPageParam: (last: {
        next_cursor: NextCursor;
    }) => string | undefined;
};
/** All audit events, for `useInfiniteQuery`. */
export declare const listAuditEventsInfiniteOptions: (options: Parameters<typeof generated.listAuditEventsInfiniteOptions>[0]) => Omit<import("@tanstack/react-query").UseInfiniteQueryOptions<import("./gen/types.gen.js").AuditEventList, import("./gen/types.gen.js").Problem, import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").AuditEventList, unknown>, generated.QueryKey<import("./index.js").Options<import("./gen/types.gen.js").ListAuditEventsData>>, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
    _id: string;
    _infinite?: boolean;
    tags?: ReadonlyArray<string>;
}, "body" | "headers" | "path" | "query">> & {
    initialData: import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").AuditEventList, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">> | (() => import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").AuditEventList, string | Pick<Pick<import("./index.js").Options<import("./gen/types.gen.js").ListAuditEventsData>, "baseUrl" | "body" | "headers" | "path" | "query"> & {
        _id: string;
        _infinite?: boolean;
        tags?: ReadonlyArray<string>;
    }, "body" | "headers" | "path" | "query">>);
} & import("@tanstack/query-core").QueryKeyWithDataTag<generated.QueryKey<import("./index.js").Options<import("./gen/types.gen.js").ListAuditEventsData>>, import("@tanstack/query-core").InfiniteData<import("./gen/types.gen.js").AuditEventList, unknown>, import("./gen/types.gen.js").Problem>, "initialData"> & {
    initialPageParam: {};
    getNextPageParam: (last: {
        next_cursor: NextCursor;
    }) => string | undefined;
};
/** For `retry`: retries a query up to three times when the API is overloaded or cannot be reached. */
export declare function retry(failures: number, error: unknown): boolean;
/** For `retryDelay`: waits for `Retry-After`, else backs off exponentially. */
export declare function retryDelay(failures: number, error: unknown): number;
