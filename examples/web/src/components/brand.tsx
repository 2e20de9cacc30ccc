import { cn } from "@/lib/utils";

export const Brand = ({ className }: { className?: string }) => (
  <span className={cn("flex items-center gap-2 font-semibold", className)}>
    <img src="/logo.svg" alt="" width="24" height="24" />
    Plinth
  </span>
);
