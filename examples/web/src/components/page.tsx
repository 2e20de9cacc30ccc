import { getHealth, isNetworkError, isProblem } from "@plinth/client";
import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { unreachable } from "@/api";
import { Alert } from "@/components/alert";
import { Message } from "@/components/message";
import { Button } from "@/components/ui/controls";
import { Skeleton } from "@/components/ui/display";
import { formatDate, formatTime, useTexts } from "@/i18n";
import { useStore } from "@/lib/utils";
import { explain } from "@/problems";
import { isSessionEnd } from "@/session";

/** A page with its title and heading. */
export function Page({ title, text, actions, children }: PageProps) {
  return (
    <div className="grid grid-cols-1 gap-6">
      <title>{`${title} · Plinth`}</title>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="grid min-w-0 gap-1">
          <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
          {text && <p className="text-sm wrap-anywhere text-muted-foreground">{text}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface PageProps {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Empty({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 rounded-xl border border-dashed px-6 py-14 text-center">
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-sm wrap-anywhere text-muted-foreground">{text}</p>
      {children}
    </div>
  );
}

/** An error of a query, with a button if a retry can help. With `page` it is all that the page has. */
export function Failure({ error, retry, page }: { error: unknown; retry?: () => void; page?: boolean }) {
  const t = useTexts();
  if (isSessionEnd(error)) return <Loading page={page} />; // the app asks to sign in, and loads the page again
  const helps = retry && !(isProblem(error) && [403, 404].includes(error.status));
  return (
    <Alert tone="destructive" title={t.failed}>
      {page && <h1 className="sr-only">{t.failed}</h1>}
      <p>{explain(error, t)}</p>
      {helps && (
        <Button variant="outline" size="sm" className="mt-2 justify-self-start text-foreground" onClick={retry}>
          {t.retry}
        </Button>
      )}
    </Alert>
  );
}

const placeholders = ["w-full", "w-11/12", "w-10/12", "w-full", "w-9/12"];

export function Loading({ rows = 5, page }: { rows?: number; page?: boolean }) {
  const t = useTexts();
  return (
    <div role="status" aria-busy aria-label={t.loading} className="grid gap-4 rounded-xl border p-6">
      {page && <h1 className="sr-only">{t.loading}</h1>}
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} className={`h-5 ${placeholders[row % placeholders.length]}`} />
      ))}
    </div>
  );
}

export const Time = ({ value, day }: { value: string; day?: boolean }) => {
  useTexts(); // formats again in another language
  return (
    <time dateTime={value} title={formatTime(value)} className="whitespace-nowrap">
      {day ? formatDate(value) : formatTime(value)}
    </time>
  );
};

/** A date without a time, which is the same in every time zone. */
export const Day = ({ value }: { value: string }) => {
  useTexts(); // formats again in another language
  return (
    <time dateTime={value} className="whitespace-nowrap">
      {formatDate(`${value}T00:00`)}
    </time>
  );
};

/** A name and its value, in a `dl`. */
export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted-foreground">{name}</dt>
    <dd className="min-w-0 wrap-anywhere whitespace-pre-line">{children}</dd>
  </>
);

const pause = 2_000; // milliseconds

/**
 * Shows a banner while the device is offline or the API cannot be reached, polls the API, and
 * refetches the page's queries when it responds.
 */
export function Reachability() {
  const t = useTexts();
  const queryClient = useQueryClient();
  const online = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
  const lost = useStore(unreachable);
  useEffect(() => {
    if (!lost || !online) return;
    const timer = setInterval(async () => {
      const { error } = await getHealth({ throwOnError: false }).catch((error: unknown) => ({ error }));
      if (isNetworkError(error)) return;
      unreachable.set(false);
      void queryClient.refetchQueries({ type: "active" });
    }, pause);
    return () => clearInterval(timer);
  }, [lost, online, queryClient]);

  const banner = online ? lost && t.reachability.unreachable : t.reachability.offline;
  return (
    <div role="status" className={banner ? "border-b px-4 py-3 md:px-8" : undefined}>
      {banner && (
        <p className="text-sm text-warning">
          <strong className="font-medium">{banner}</strong> {t.reachability.text}
        </p>
      )}
    </div>
  );
}

export function NotFound() {
  const t = useTexts();
  return (
    <main>
      <Message title={t.notFound.title} text={t.notFound.text}>
        <Button asChild>
          <a href="/">{t.notFound.back}</a>
        </Button>
      </Message>
    </main>
  );
}

/** Replaces a page that throws, or whose code cannot be loaded. */
export function Broken({ error }: { error: unknown }) {
  const t = useTexts();
  return (
    <Message
      title={t.broken.title}
      text={isProblem(error) || isNetworkError(error) ? explain(error, t) : t.broken.text}
    >
      <Button onClick={() => location.reload()}>{t.broken.reload}</Button>
      <Button variant="outline" asChild>
        <a href="/">{t.notFound.back}</a>
      </Button>
    </Message>
  );
}
