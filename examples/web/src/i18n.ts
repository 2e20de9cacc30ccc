import { createStore, preference, useStore } from "@/lib/utils";
import { en } from "@/texts/en";

/** The texts of the app in one language. `texts/en.ts` declares them, and the others have the same. */
export type Texts = typeof en;

/** The languages by their own names. Another one is an entry here, one in `loaders` and a file of texts. */
export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const loaders: Record<Language, () => Promise<Texts>> = {
  en: async () => en,
  de: async () => (await import("@/texts/de")).de,
};

const isLanguage = (value: string | null | undefined): value is Language =>
  Object.keys(languages).includes(value ?? "");

interface Locale {
  language: Language;
  texts: Texts;
  /** The user's variant of the language, such as en-GB, for dates and numbers. */
  tag: string;
}

const locale = createStore<Locale>({ language: "en", texts: en, tag: "en" });

/** Loads the texts of the chosen language, or of the browser's. Called once before the first render. */
export async function startLanguage(): Promise<void> {
  const chosen = preference.get("language");
  const preferred = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  await apply(isLanguage(chosen) ? chosen : (preferred ?? "en"));
}

export async function setLanguage(language: Language): Promise<void> {
  preference.set("language", language);
  await apply(language);
}

async function apply(language: Language): Promise<void> {
  const texts = await loaders[language]();
  document.documentElement.lang = language;
  locale.set({ language, texts, tag: navigator.languages.find((tag) => tag.startsWith(language)) ?? language });
}

export const useTexts = (): Texts => useStore(locale).texts;
export const useLanguage = (): Language => useStore(locale).language;

/** The texts outside of components, such as in notifications. */
export const texts = (): Texts => locale.get().texts;

export const formatDate = (value: string) => formatter({ dateStyle: "medium" }).format(new Date(value));
export const formatTime = (value: string) =>
  formatter({ dateStyle: "medium", timeStyle: "short" }).format(new Date(value));

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const { tag } = locale.get();
  const key = tag + JSON.stringify(options);
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(tag, options);
  formatters.set(key, known);
  return known;
}
