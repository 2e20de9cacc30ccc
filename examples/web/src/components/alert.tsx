import { CircleAlertIcon, InfoIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/utils";

interface AlertProps {
  tone?: "neutral" | "warning" | "destructive";
  title?: string;
  children?: ReactNode;
}

const tones = {
  neutral: "text-foreground",
  warning: "text-warning",
  destructive: "text-destructive dark:text-red-300",
};

export function Alert({ tone = "neutral", title, children }: AlertProps) {
  const Icon = tone === "neutral" ? InfoIcon : CircleAlertIcon;
  return (
    <div
      role={tone === "destructive" ? "alert" : undefined}
      className={cn(
        "flex gap-3 rounded-lg border bg-card p-4 text-sm [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0",
        tones[tone],
      )}
    >
      <Icon aria-hidden />
      <div className="grid min-w-0 gap-1 wrap-anywhere">
        {title && <p className="font-medium">{title}</p>}
        {children}
      </div>
    </div>
  );
}
