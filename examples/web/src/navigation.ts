import type { LinkProps } from "@tanstack/react-router";
import {
  // A name a line: make resource adds one.
  GaugeIcon,
  type LucideIcon,
  MailPlusIcon, // scaffold:only invitations
  ScrollTextIcon, // scaffold:only audit
  SettingsIcon,
  UsersIcon,
} from "lucide-react";
import type { Texts } from "@/i18n";

interface NavEntry {
  to: LinkProps["to"];
  title: (t: Texts) => string;
  icon: LucideIcon;
  /** Only administrators see it. */
  admin?: boolean;
}

/** The entries of the navigation. Their routes are in router.tsx. */
export const navigation: NavEntry[] = [
  { to: "/", title: (t) => t.dashboard.title, icon: GaugeIcon },
  { to: "/users", title: (t) => t.users.title, icon: UsersIcon, admin: true },
  { to: "/invitations", title: (t) => t.invitations.title, icon: MailPlusIcon, admin: true }, // scaffold:only invitations
  { to: "/audit", title: (t) => t.audit.title, icon: ScrollTextIcon, admin: true }, // scaffold:only audit
  { to: "/settings/profile", title: (t) => t.settings.title, icon: SettingsIcon },
];
