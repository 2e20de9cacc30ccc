import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/utils";

/**
 * A menu of actions. It is not modal, because a modal one injects styles; see styles.css. It is in
 * main, because all content has to be in a landmark.
 */
export function Menu({
  trigger,
  children,
  side,
  align = "end",
}: {
  trigger: ReactNode;
  children: ReactNode;
  side?: "top" | "bottom" | "right";
  align?: "start" | "end";
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={document.querySelector("main")}>
        <Radix.Content
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-72 min-w-48 animate-in rounded-lg border bg-popover p-1 text-popover-foreground shadow-md"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const MenuItem = ({
  destructive,
  className,
  ...props
}: ComponentProps<typeof Radix.Item> & { destructive?: boolean }) => (
  <Radix.Item
    className={cn(
      "flex min-h-10 cursor-pointer items-center gap-2 rounded-md px-2 text-sm outline-none select-none data-disabled:opacity-60 md:min-h-8",
      "data-highlighted:bg-accent data-highlighted:text-accent-foreground [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:opacity-70",
      destructive && "text-destructive dark:text-red-300",
      className,
    )}
    {...props}
  />
);

export const MenuLabel = (props: ComponentProps<typeof Radix.Label>) => (
  <Radix.Label className="px-2 py-1.5 text-xs text-muted-foreground" {...props} />
);

export const MenuSeparator = () => <Radix.Separator className="-mx-1 my-1 h-px bg-border" />;
