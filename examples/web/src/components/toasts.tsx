import { CircleAlertIcon, CircleCheckIcon, XIcon } from "lucide-react";
import { texts, useTexts } from "@/i18n";
import { cn, createStore, useStore } from "@/lib/utils";
import { explain } from "@/problems";
import { Button } from "./ui/controls";

interface Toast {
  id: number;
  text: string;
  failed: boolean;
}

const shown = createStore<Toast[]>([]);
const visible = 8_000; // milliseconds
let count = 0;

const close = (id: number) => shown.set(shown.get().filter((toast) => toast.id !== id));

function show(text: string, failed: boolean) {
  const id = count++;
  shown.set([...shown.get().slice(-2), { id, text, failed }]);
  if (!failed) setTimeout(close, visible, id);
}

/** Shows a success for some seconds. */
export const notify = (text: string) => show(text, false);

/** Shows a failure until the user closes it. */
export const notifyError = (error: unknown) => show(explain(error, texts()), true);

/** The messages. The layout gives them room of their own, so that they cover nothing. */
export function Toasts({ className }: { className?: string }) {
  const t = useTexts();
  const toasts = useStore(shown);
  return (
    <div role="status" aria-live="polite" className={cn("grid gap-2", toasts.length > 0 && className)}>
      {toasts.map(({ id, text, failed }) => (
        <div
          key={id}
          className="flex min-w-0 animate-in items-start gap-2 rounded-lg border bg-popover p-3 text-sm text-popover-foreground shadow-xs [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0"
        >
          {failed ? <CircleAlertIcon className="text-destructive" /> : <CircleCheckIcon className="text-success" />}
          <span className="min-w-0 grow wrap-anywhere">{text}</span>
          <Button
            variant="ghost"
            size="bare"
            aria-label={t.close}
            className="-m-1.5 size-9 md:size-7"
            onClick={() => close(id)}
          >
            <XIcon />
          </Button>
        </div>
      ))}
    </div>
  );
}
