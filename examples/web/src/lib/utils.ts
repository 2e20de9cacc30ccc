import { useSyncExternalStore } from "react";

/** Joins class names, and skips those that are false. */
export const cn = (...classes: (string | false | null | undefined)[]): string => classes.filter(Boolean).join(" ");

/** Whether the window matches a media query, now and after each change. */
export function useMedia(query: string): boolean {
  const subscribe = (listener: () => void) => {
    const media = matchMedia(query);
    media.addEventListener("change", listener);
    return () => media.removeEventListener("change", listener);
  };
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** A value that modules set and components read. */
export interface Store<Value> {
  get(): Value;
  set(value: Value): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<Value>(value: Value): Store<Value> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export const useStore = <Value>(store: Store<Value>): Value => useSyncExternalStore(store.subscribe, store.get);

/** Reads and writes a preference of this browser; without storage it lasts until a reload. */
export const preference = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`plinth.${name}`);
    } catch {
      return null;
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(`plinth.${name}`, value);
    } catch {
      // The browser blocks storage.
    }
  },
};

/**
 * Returns the program and system of a User-Agent, such as "Edge on Windows". Edge, Opera and Samsung
 * Internet also call themselves Chrome, Chrome calls itself Safari, and Android is also Linux.
 */
export function device(userAgent: string): { program: string; system: string | undefined; phone: boolean } {
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const program = first([
    [/\b(Edg|EdgA|EdgiOS)\//, "Edge"],
    [/\b(OPR|Opera)\//, "Opera"],
    [/\bSamsungBrowser\//, "Samsung Internet"],
    [/\b(Firefox|FxiOS)\//, "Firefox"],
    [/\b(Chrome|CriOS|HeadlessChrome)\//, "Chrome"],
    [/\bSafari\//, "Safari"],
  ]);
  const system = first([
    [/\biPhone\b/, "iPhone"],
    [/\biPad\b/, "iPad"],
    [/\bAndroid\b/, "Android"],
    [/\bWindows\b/, "Windows"],
    [/\bCrOS\b/, "ChromeOS"],
    [/\bMac OS X\b/, "macOS"],
    [/\bLinux\b/, "Linux"],
  ]);
  const name = program ?? userAgent.split(/[/ ]/)[0] ?? "";
  return { program: name, system, phone: /iPhone|Android/.test(system ?? "") };
}
