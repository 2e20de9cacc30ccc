import { ActionIcon, Anchor, Button, Container, Skeleton, Stack, useMantineColorScheme } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation, useOutletContext } from "react-router";
import { client, meOptions, type Me } from "./api";
import { Reachability } from "./Reachability";
import { Failure } from "./ui";

const pages = [
  { path: "/profile", title: "Profile" },
  { path: "/sessions", title: "Sessions" },
  { path: "/users", title: "Users", admin: true },
  { path: "/audit", title: "Audit", admin: true },
];

/** The frame of all pages of somebody who is signed in. */
export function Layout() {
  const me = useQuery(meOptions);
  const main = useMainFocus();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
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
        {me.data && <Outlet context={me.data} />}
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
    notifications.show({ withCloseButton: false,
      color: "yellow",
      title: "Signed out on this device only",
      message: "The API could not be told; the session there will expire.",
    });
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

/** Moves the focus to the content when the page changes, where a page load would have moved it. */
function useMainFocus() {
  const main = useRef<HTMLElement & HTMLDivElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [pathname]);
  return main;
}

function Loading() {
  return (
    <Stack aria-busy aria-label="Loading">
      <Skeleton height={32} width={180} />
      <Skeleton height={180} />
    </Stack>
  );
}
