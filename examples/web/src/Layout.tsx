import { ActionIcon, Anchor, Button, Container, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation, useOutletContext } from "react-router";
import { client, meOptions, type Me } from "./api";
import { Reachability } from "./Reachability";
import { Boundary, Failure, Loading, warn } from "./ui";

const pages = [
  { path: "/profile", title: "Profile" },
  { path: "/sessions", title: "Sessions" },
  { path: "/users", title: "Users", admin: true },
  { path: "/audit", title: "Audit", admin: true }, // scaffold:only audit
];

/** The layout of all pages that need a session. */
export function Layout() {
  const me = useQuery(meOptions);
  const { pathname } = useLocation();
  const main = useMainFocus(pathname);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <Container size="md" className="bar-row">
          <Brand />
          <nav aria-label="Pages">
            {pages.map(({ path, title, admin }) =>
              admin && me.data?.role !== "admin" ? null : (
                <NavLink key={path} to={path}>
                  {title}
                </NavLink>
              ),
            )}
          </nav>
          <div className="bar-end">
            <ColorScheme />
            <Button variant="default" size="xs" onClick={signOut}>
              Sign out
            </Button>
          </div>
        </Container>
      </header>
      <Reachability />
      <Container size="md" component="main" id="main" tabIndex={-1} ref={main} py="xl">
        {me.isPending && <Loading />}
        {me.isError && <Failure error={me.error} retry={() => me.refetch()} />}
        {me.data && (
          <Boundary key={pathname}>
            <Suspense fallback={<Loading />}>
              <Outlet context={me.data} />
            </Suspense>
          </Boundary>
        )}
      </Container>
    </>
  );
}

export const useMe = () => useOutletContext<Me>();

export function Brand() {
  return (
    <Anchor href="/" underline="never" className="brand">
      <img src="/logo.svg" alt="" width="26" height="26" />
      Plinth
    </Anchor>
  );
}

async function signOut() {
  try {
    await client.session.logout();
  } catch {
    warn("Signed out on this device only", "The API could not be reached. The session will expire there.");
  }
}

export function ColorScheme() {
  const { setColorScheme, colorScheme } = useMantineColorScheme({ keepTransitions: true });
  const dark = colorScheme === "dark" || (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={dark ? "Use light colours" : "Use dark colours"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      <span aria-hidden>{dark ? "☀" : "☾"}</span>
    </ActionIcon>
  );
}

/** Moves the focus to the content on client-side navigation, as a page load would. */
function useMainFocus(pathname: string) {
  const main = useRef<HTMLElement & HTMLDivElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [pathname]);
  return main;
}
