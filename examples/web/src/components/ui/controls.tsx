import { ChevronDownIcon } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/utils";

const variants = {
  default: "bg-primary text-primary-foreground hover:bg-primary/90",
  destructive: "bg-destructive text-destructive-foreground hover:bg-destructive/90",
  outline: "border border-input bg-background hover:bg-accent hover:text-accent-foreground",
  secondary: "bg-secondary text-secondary-foreground hover:bg-secondary/80",
  ghost: "hover:bg-accent hover:text-accent-foreground",
  link: "text-foreground underline underline-offset-4",
};
const sizes = {
  default: "h-10 px-4 md:h-9",
  sm: "h-10 px-3 md:h-8 md:text-[0.8125rem]",
  icon: "size-10 md:size-9",
  bare: "", // for a size of its own: classes that contradict each other would depend on their order
};

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof variants;
  size?: keyof typeof sizes;
  /** Renders its child, such as a link, with the looks of a button. */
  asChild?: boolean;
  /** Shows that an action is in progress. The button keeps the focus and its width. */
  busy?: boolean;
}

export function Button({
  variant = "default",
  size = "default",
  asChild,
  busy,
  className,
  children,
  ...props
}: ButtonProps) {
  const looks = cn(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md text-sm font-medium whitespace-nowrap transition-colors",
    "disabled:opacity-60 aria-disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0",
    variant === "link" ? "" : sizes[size],
    variants[variant],
    className,
  );
  if (asChild) return <Slot.Root className={looks}>{children}</Slot.Root>;
  return (
    <button type="button" className={looks} {...(busy && { "aria-disabled": true, "data-busy": true })} {...props}>
      <span className="relative inline-flex min-w-0 grow items-center justify-center gap-2">
        {busy && <Spinner className="absolute inset-0 m-auto" />}
        <span className={cn("contents", busy && "text-transparent")}>{children}</span>
      </span>
    </button>
  );
}

export const Spinner = ({ className }: { className?: string }) => (
  <span
    aria-hidden
    className={cn("size-4 animate-spin rounded-full border-2 border-current border-r-transparent", className)}
  />
);

// 16 px on phones, because iOS zooms into smaller inputs.
const field =
  "h-10 w-full min-w-0 rounded-md border border-input bg-background px-3 text-base shadow-xs placeholder:text-muted-foreground " +
  "disabled:opacity-60 aria-invalid:border-destructive md:h-9 md:text-sm";

export const Input = ({ className, ...props }: ComponentProps<"input">) => (
  <input className={cn(field, className)} {...props} />
);

export const TextArea = ({ className, ...props }: ComponentProps<"textarea">) => (
  <textarea className={cn(field, "h-auto py-2 md:h-auto", className)} {...props} />
);

/** The browser's own select: phones show their picker for it. */
export const Select = ({ className, ...props }: ComponentProps<"select">) => (
  <span className={cn("relative block", className)}>
    <select className={cn(field, "appearance-none truncate pr-9")} {...props} />
    <ChevronDownIcon
      aria-hidden
      className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted-foreground"
    />
  </span>
);

export const Label = ({ className, ...props }: ComponentProps<"label">) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: htmlFor is among the props
  <label className={cn("flex items-center gap-1 text-sm leading-none font-medium", className)} {...props} />
);
