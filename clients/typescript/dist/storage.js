/** Stores tokens in memory: a reload deletes them, and tabs do not share them. */
export function inMemory() {
    let kept = null;
    return {
        device: deviceInMemory(),
        get: () => kept,
        set: (tokens) => {
            kept = tokens;
        },
    };
}
export function deviceInMemory() {
    let kept = null;
    return {
        get: () => kept,
        set: (token) => {
            kept = token;
        },
    };
}
