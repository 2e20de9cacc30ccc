/** Keeps tokens in memory: a reload forgets them, and no other tab has them. */
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
