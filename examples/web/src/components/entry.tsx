import { LanguagesIcon, MoonIcon, SunIcon } from "lucide-react";
import { type ComponentProps, type ReactNode, useEffect, useRef } from "react";
import { Brand } from "@/components/brand";
import { Toasts } from "@/components/toasts";
import { Button } from "@/components/ui/controls";
import { Card } from "@/components/ui/display";
import { type Language, languages, setLanguage, useLanguage, useTexts } from "@/i18n";
import { open } from "@/lib/path";
import { setTheme } from "@/lib/theme";

interface EntryProps {
  title: string;
  text?: ReactNode;
  children: ReactNode;
  /** A line below the card, such as a link to the other page. */
  other?: ReactNode;
  /** Moves the focus to the title, because the page says what became of the one before. */
  announced?: boolean;
}

/** The layout of pages outside of the app, such as sign-in: a card in the middle of the screen. */
export function Entry({ title, text, children, other, announced }: EntryProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (announced) heading.current?.focus();
  }, [announced]);
  return (
    <div data-entry className="flex min-h-dvh flex-col">
      <title>{`${title} · Plinth`}</title>
      <main className="m-auto grid w-full max-w-md gap-6 px-4 py-10">
        <Brand className="justify-self-center" />
        <Toasts />
        <Card className="grid gap-6 p-6 sm:p-8">
          <div className="grid gap-1.5 text-center">
            <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-tight outline-none">
              {title}
            </h1>
            {text && <p className="text-sm text-balance wrap-anywhere text-muted-foreground">{text}</p>}
          </div>
          {children}
        </Card>
        {other && <p className="text-center text-sm text-muted-foreground">{other}</p>}
      </main>
      <Preferences />
    </div>
  );
}

/** A link to a page, which opens without loading the document again. */
export function EntryLink({ href, ...props }: ComponentProps<"a"> & { href: string }) {
  const onClick = (event: React.MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(href);
  };
  return (
    <a href={href} onClick={onClick} className="font-medium text-foreground underline underline-offset-4" {...props} />
  );
}

function Preferences() {
  const t = useTexts();
  const language = useLanguage();
  return (
    <footer className="flex items-center justify-center gap-2 p-4">
      <div className="flex items-center gap-2">
        <LanguagesIcon aria-hidden className="size-4 text-muted-foreground" />
        <select
          aria-label={t.settings.appearance.language}
          value={language}
          className="h-10 rounded-md bg-transparent px-1 text-base md:h-9 md:text-sm"
          onChange={(event) => void setLanguage(event.currentTarget.value as Language)}
        >
          {Object.entries(languages).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <span className="hidden dark:inline">
        <Button variant="ghost" size="icon" aria-label={t.useLight} onClick={() => setTheme("light")}>
          <SunIcon />
        </Button>
      </span>
      <span className="dark:hidden">
        <Button variant="ghost" size="icon" aria-label={t.useDark} onClick={() => setTheme("dark")}>
          <MoonIcon />
        </Button>
      </span>
    </footer>
  );
}
