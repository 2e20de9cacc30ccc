// A tab that holds the lease writes its name and how long it means to; all others wait for that to vanish or run out.
// Storage has no compare-and-set, so a tab looks again after a moment whether a rival overwrote it. That is not proof
// against everything, nor need it be: the API answers two renewals at once alike.
const settle = 30;
const term = 6_000;
/** Runs `work` while no other tab that shares `storage` runs its own, or when `patience` has run out. */
export async function lease(storage, name, patience, work) {
    const mine = Math.random().toString(36).slice(2);
    const holder = () => {
        const [owner, until] = (storage.getItem(name) ?? "").split(" ");
        return owner && Number(until) > Date.now() ? owner : undefined;
    };
    const hold = () => storage.setItem(name, `${mine} ${Date.now() + term}`);
    for (const deadline = Date.now() + patience; Date.now() < deadline;) {
        if (!holder()) {
            hold();
            await pause(settle + Math.random() * settle);
            if (holder() === mine)
                break;
        }
        await pause(settle);
    }
    const extending = setInterval(hold, term / 3);
    try {
        return await work();
    }
    finally {
        clearInterval(extending);
        if (holder() === mine)
            storage.removeItem(name);
    }
}
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
