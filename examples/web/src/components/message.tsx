import { Component, type ReactNode } from "react";
import { Button } from "@/components/ui/controls";
import { useTexts } from "@/i18n";

/** A page that only says something, such as that there is nothing at its address. */
export function Message({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <div className="grid min-h-[60dvh] place-content-center justify-items-center gap-3 p-6 text-center">
      <title>{`${title} · Plinth`}</title>
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      <p className="max-w-md text-sm text-muted-foreground">{text}</p>
      <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>
    </div>
  );
}

/** Replaces the app if its code cannot be loaded, for example offline. */
export class Unloadable extends Component<{ children: ReactNode }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render = () => (this.state.failed ? <Reload /> : this.props.children);
}

function Reload() {
  const t = useTexts();
  return (
    <main>
      <Message title={t.broken.title} text={t.broken.text}>
        <Button onClick={() => location.reload()}>{t.broken.reload}</Button>
      </Message>
    </main>
  );
}
