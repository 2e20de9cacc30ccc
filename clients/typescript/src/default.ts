import type { Client } from "./gen/client/index.js";

let chosen: Client | undefined;

/** The client of calls that do not pass one. */
export const client = new Proxy({} as Client, {
  get(_, name) {
    if (chosen) return chosen[name as keyof Client];
    throw new Error("There is no default client: call setDefaultClient first, or pass a client to this call.");
  },
});

/** Sets the client of calls that do not pass one. */
export function setDefault(next: Client): void {
  chosen = next;
}
