import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

export const Card = ({ className, ...props }: ComponentProps<"section">) => (
  <section className={cn("rounded-xl border bg-card text-card-foreground shadow-xs", className)} {...props} />
);

const tones = {
  neutral: "bg-secondary text-secondary-foreground",
  primary: "bg-primary/10 text-primary dark:bg-primary/35 dark:text-foreground",
  success: "bg-success/10 text-success",
  warning: "bg-warning/12 text-warning",
  destructive: "bg-destructive/10 text-destructive dark:bg-destructive/30 dark:text-foreground",
};

export const Badge = ({
  tone = "neutral",
  className,
  ...props
}: ComponentProps<"span"> & { tone?: keyof typeof tones }) => (
  <span
    className={cn(
      "inline-flex shrink-0 items-center gap-1 rounded-md px-2 py-0.5 text-xs font-medium whitespace-nowrap",
      tones[tone],
      className,
    )}
    {...props}
  />
);

export const Skeleton = ({ className }: { className?: string }) => (
  <div className={cn("animate-pulse rounded-md bg-muted", className)} />
);

/** The initials of a name, or of an e-mail. */
export function Avatar({ name, className }: { name: string; className?: string }) {
  const words =
    name
      .split("@")[0]
      ?.split(/[\s._-]+/)
      .filter(Boolean) ?? [];
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return (
    <span
      aria-hidden
      className={cn(
        "flex size-8 shrink-0 items-center justify-center rounded-full bg-secondary text-xs font-medium text-secondary-foreground uppercase select-none",
        className,
      )}
    >
      {initials.join("")}
    </span>
  );
}
