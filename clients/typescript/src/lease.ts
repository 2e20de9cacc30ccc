// A tab acquires the lease by writing its name and an expiry; other tabs wait until the entry is
// gone or has expired. Storage has no compare-and-set, so a tab checks after a moment whether
// another one overwrote its entry. A race remains possible and harmless: the API gives the same
// response to concurrent renewals of one token.
const settle = 30;
const term = 6_000;

/** Runs `work` when this tab holds the lease, or after `patience` milliseconds without it. */
export async function lease<Result>(
  storage: Storage,
  name: string,
  patience: number,
  work: () => Promise<Result>,
): Promise<Result> {
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
      if (holder() === mine) break;
    }
    await pause(settle);
  }
  const extending = setInterval(hold, term / 3);
  try {
    return await work();
  } finally {
    clearInterval(extending);
    if (holder() === mine) storage.removeItem(name);
  }
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
