import {
  // A name a line.
  GaugeIcon,
  SettingsIcon,
} from "lucide-react";

export const navigation = [
  { to: "/", title: (t) => t.dashboard.title, icon: GaugeIcon },
  { to: "/settings/profile", title: (t) => t.settings.title, icon: SettingsIcon },
];
