import { useSyncExternalStore } from "react";

/** The path of the address, for pages without the router. */
export function usePath(): string {
  const subscribe = (listener: () => void) => {
    addEventListener("popstate", listener);
    return () => removeEventListener("popstate", listener);
  };
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** Opens another page without loading the document again. With `replace` "back" does not return to this one. */
export function open(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}
