import { useSyncExternalStore } from "react";
import { client, queryClient } from "./api";
import { warn } from "./ui";

/**
 * The session's state. `count` changes with each session, so that pages are remounted and do not
 * show data of another user.
 */
interface State {
  signedIn: boolean | undefined; // undefined until the storage has been read
  count: number;
}

let state: State = { signedIn: undefined, count: 0 };
const listeners = new Set<() => void>();

function set(signedIn: boolean) {
  state = { signedIn, count: state.count + 1 };
  for (const listener of listeners) listener();
}

void client.session.isActive().then(set);

client.session.onChange((event) => {
  queryClient.clear();
  set(event.type === "started");
  if (event.type === "ended" && event.reason === "refused") warn("You have been signed out", "Please sign in again.");
});

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useSession = (): State => useSyncExternalStore(subscribe, () => state);
