/** Runs `work` while no other tab that shares `storage` runs its own, or when `patience` has run out. */
export declare function lease<Result>(storage: Storage, name: string, patience: number, work: () => Promise<Result>): Promise<Result>;
export declare const pause: (milliseconds: number) => Promise<unknown>;
