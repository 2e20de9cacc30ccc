/** Keeps tokens in memory: a reload forgets them, and no other tab has them. */
export function inMemory() {
    let kept = null;
    return {
        get: () => kept,
        set: (tokens) => {
            kept = tokens;
        },
    };
}
