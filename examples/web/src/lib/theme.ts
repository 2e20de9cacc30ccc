import { preference } from "@/lib/utils";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const theme = (): Theme => themes.find((known) => known === preference.get("theme")) ?? "system";

/** Stores the theme; public/theme.js applies it. */
export function setTheme(next: Theme): void {
  preference.set("theme", next);
  dispatchEvent(new Event("plinth.theme"));
}
