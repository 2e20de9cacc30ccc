import { getCurrentUser, isProblem } from "@plinth/client";
import { client } from "@/api";
import { createStore, useStore } from "@/lib/utils";

/**
 * The state of the session. It is `lost` when it ended without the user's wish while the app showed
 * the user's data: the app then asks to sign in again and keeps the page, with what was typed.
 * `count` changes with each user, so that the app starts anew and does not show data of another user.
 */
interface State {
  phase: "none" | "active" | "lost";
  count: number;
}

const state = createStore<State>({ phase: "none", count: 0 });
let user: string | undefined; // the identifier of the account that the app shows, once it has loaded

export const session = {
  /** Reads the session from the storage. Called once before the first render. */
  start: async () => change((await client.session.isActive()) ? "active" : "none"),
  /** Tells whose data the app shows. */
  belongsTo: (id: string) => {
    user = id;
  },
  /** Leaves the app for the sign-in page. */
  leave: () => {
    history.replaceState(null, "", "/sign-in");
    user = undefined;
    change("none");
  },
};

export const useSession = () => useStore(state);

const change = (phase: State["phase"], count = state.get().count) => state.set({ phase, count });

client.session.onChange(async (event) => {
  const { phase, count } = state.get();
  if (event.type === "started") {
    const same = phase === "lost" && (await isSameUser());
    change("active", same ? count : count + 1);
  } else if (event.reason === "logout") {
    session.leave();
  } else if (phase === "active") {
    change(user ? "lost" : "none");
  }
});

async function isSameUser(): Promise<boolean> {
  const now = await getCurrentUser().catch(() => undefined);
  return now?.data.id === user;
}

/** Whether an error only says that the session has ended, which the app says itself. */
export const isSessionEnd = (error: unknown): boolean => isProblem(error, "invalid_token", "unauthenticated");
