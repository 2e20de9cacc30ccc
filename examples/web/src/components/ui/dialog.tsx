import { XIcon } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { useTexts } from "@/i18n";
import { cn, createStore, useStore } from "@/lib/utils";
import { Button } from "./controls";

// The overlay is not Radix.Overlay, which locks the scrolling with injected styles; see styles.css.
const Overlay = ({ className }: { className?: string }) => (
  <div data-modal className={cn("fixed inset-0 z-40", className)} />
);

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** An alert dialog asks for a decision, and has no close button. */
  role?: "dialog" | "alertdialog";
  /** Hides the page behind the dialog. */
  opaque?: boolean;
}

/**
 * Returns the focus to where it was. Radix does so for dialogs with a trigger only; these are opened
 * by state.
 */
function useFocusReturn() {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement) before.current.focus();
    },
  };
}

export function Dialog({ open, onClose, title, text, children, role = "dialog", opaque }: DialogProps) {
  const t = useTexts();
  const focus = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Overlay className={opaque ? "bg-background" : "bg-black/50"} />
        <Radix.Content
          data-modal
          {...focus}
          role={role}
          aria-modal
          {...(!text && { "aria-describedby": undefined })}
          className="fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 animate-in gap-4 overflow-y-auto rounded-xl border bg-popover p-6 text-popover-foreground shadow-lg"
        >
          <div className="grid gap-2 pr-6">
            <Radix.Title className="text-lg leading-snug font-semibold break-words">{title}</Radix.Title>
            {text && (
              <Radix.Description asChild>
                <div className="text-sm break-words text-muted-foreground">{text}</div>
              </Radix.Description>
            )}
          </div>
          {children}
          {role === "dialog" && (
            <Radix.Close asChild>
              <Button variant="ghost" size="icon" aria-label={t.close} className="absolute top-3 right-3">
                <XIcon />
              </Button>
            </Radix.Close>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const DialogFooter = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">{children}</div>
);

/** A panel at the side of the screen, such as the navigation on phones. */
export function Sheet({ open, onClose, title, children }: Omit<DialogProps, "text" | "role" | "opaque">) {
  const t = useTexts();
  const focus = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Overlay className="bg-black/50" />
        <Radix.Content
          data-modal
          {...focus}
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85%] animate-in flex-col bg-sidebar shadow-lg"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
          <Radix.Close asChild>
            <Button variant="ghost" size="icon" aria-label={t.close} className="absolute top-2 right-2">
              <XIcon />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface Question {
  title: string;
  text: string;
  /** Names the action, such as "Deactivate". */
  action: string;
  destructive?: boolean;
}

const asked = createStore<{ question: Question; answer: (yes: boolean) => void } | null>(null);

/** Asks before an action that cannot be undone. Resolves to true if the user agrees. */
export function confirm(question: Question): Promise<boolean> {
  asked.get()?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      asked.set(null);
      resolve(yes);
    };
    asked.set({ question, answer });
  });
}

/** Shows the question of `confirm`. The layout renders it once. */
export function Confirmation() {
  const t = useTexts();
  const current = useStore(asked);
  if (!current) return null;
  const { question, answer } = current;
  return (
    <Dialog open role="alertdialog" onClose={() => answer(false)} title={question.title} text={question.text}>
      <DialogFooter>
        <Button variant="outline" onClick={() => answer(false)}>
          {t.cancel}
        </Button>
        <Button variant={question.destructive ? "destructive" : "default"} onClick={() => answer(true)}>
          {question.action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
