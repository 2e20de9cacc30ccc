/** Runs `work` when this tab holds the lease, or after `patience` milliseconds without it. */
export declare function lease<Result>(storage: Storage, name: string, patience: number, work: () => Promise<Result>): Promise<Result>;
export declare const pause: (milliseconds: number) => Promise<unknown>;
