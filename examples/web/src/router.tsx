import { QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  RouterProvider,
  redirect,
} from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Broken, NotFound } from "@/components/page";
import { AdminsOnly, Layout } from "@/layout";
import { choice, flag, search, text } from "@/lib/search";
import { createQueryClient } from "@/queries";
import { useSession } from "@/session";

// Each page is a chunk of its own. It is loaded when the page is opened, or when a link to it is
// hovered or focused.

const root = createRootRoute({ notFoundComponent: NotFound });

const app = createRoute({ getParentRoute: () => root, id: "app", component: Layout });
const dashboard = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("@/pages/dashboard"), "Dashboard"),
});

const settingsPages = () => import("@/pages/settings");
const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(settingsPages, "Settings"),
});
const section = <Path extends string>(path: Path, name: keyof Awaited<ReturnType<typeof settingsPages>>) =>
  createRoute({ getParentRoute: () => settings, path, component: lazyRouteComponent(settingsPages, name) });
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/settings/profile", replace: true });
  },
});
const sections = [
  settingsIndex,
  section("profile", "Profile"),
  section("email", "Email"),
  section("password", "Password"),
  section("sessions", "Sessions"),
  section("appearance", "Appearance"),
  section("deletion", "Deletion"),
] as const;

/** Pages for administrators; others see that they may not. */
const admins = createRoute({
  getParentRoute: () => app,
  id: "admins",
  component: AdminsOnly,
});
const userPages = () => import("@/pages/users");
const users = createRoute({
  getParentRoute: () => admins,
  path: "/users",
  validateSearch: search({
    search: text,
    role: choice("user", "admin"),
    active: flag,
    sort: choice("email"), // newest first without it
  }),
  component: lazyRouteComponent(userPages, "Users"),
});
const user = createRoute({
  getParentRoute: () => admins,
  path: "/users/$id",
  component: lazyRouteComponent(userPages, "UserDetails"),
});
// scaffold:begin audit
const audit = createRoute({
  getParentRoute: () => admins,
  path: "/audit",
  validateSearch: search({ type: text, actor: text, target: text }),
  component: lazyRouteComponent(() => import("@/pages/audit"), "Audit"),
});
// scaffold:end audit

// scaffold:begin invitations
const invitations = createRoute({
  getParentRoute: () => admins,
  path: "/invitations",
  component: lazyRouteComponent(() => import("@/pages/invitations"), "Invitations"),
});
// scaffold:end invitations

const adminPages = [
  // A page a line, here and below: make resource adds some.
  users,
  user,
  audit, // scaffold:only audit
  invitations, // scaffold:only invitations
] as const;

const pages = [
  // For all users.
  dashboard,
  settings.addChildren(sections),
  admins.addChildren(adminPages),
] as const;

// The pages for visitors lead to the app once there is a session.
const visitorPages = (["/sign-in", "/register"] as const).map((path) =>
  createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: () => {
      throw redirect({ to: "/", replace: true });
    },
  }),
);

const router = createRouter({
  routeTree: root.addChildren([...visitorPages, app.addChildren(pages)]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The app of users. It is mounted anew for another user. */
export default function App() {
  const [queryClient] = useState(createQueryClient);
  const { phase } = useSession();
  useEffect(() => {
    if (phase === "active") void queryClient.invalidateQueries(); // what was refused while the session was lost
  }, [phase, queryClient]);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
