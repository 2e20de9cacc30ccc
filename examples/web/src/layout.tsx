import { loginUser, requestVerification } from "@plinth/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, Outlet, useBlocker, useLocation, useNavigate } from "@tanstack/react-router";
import { ChevronsUpDownIcon, LogOutIcon, MailIcon, MenuIcon, SettingsIcon, SunMoonIcon } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { client, sendsMails } from "@/api";
import { Brand } from "@/components/brand";
import { Message } from "@/components/message";
import { Failure, Loading, Reachability } from "@/components/page";
import { notifyError, Toasts } from "@/components/toasts";
import { Button } from "@/components/ui/controls";
import { Confirmation, confirm, Dialog, Sheet } from "@/components/ui/dialog";
import { Avatar } from "@/components/ui/display";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/menu";
import { discardUnsaved, Form, hasUnsaved, SubmitButton, TextField, useSubmit } from "@/form";
import { texts, useTexts } from "@/i18n";
import { cn, useMedia } from "@/lib/utils";
import { navigation } from "@/navigation";
import { explain } from "@/problems";
import { type Me, meOptions } from "@/queries";
import { session, useSession } from "@/session";

const MeContext = createContext<Me | null>(null);

/** The account of the user, on pages that need a session. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is only for pages inside of the layout");
  return me;
}

/** The layout of all pages that need a session. */
export function Layout() {
  const t = useTexts();
  const { phase } = useSession();
  const me = useQuery(meOptions);
  const id = me.data?.id;
  useEffect(() => {
    if (id) session.belongsTo(id);
  }, [id]);
  useEffect(() => discardUnsaved, []);
  const wide = useMedia("(min-width: 48rem)");
  const { pathname } = useLocation();
  const main = useMainFocus(pathname);
  useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      current.pathname !== next.pathname && hasUnsaved() && !(await confirmLeaving()),
    enableBeforeUnload: hasUnsaved,
  });
  return (
    <div inert={phase === "lost"} className="min-h-dvh md:grid md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30 focus:rounded-md focus:bg-popover focus:px-4 focus:py-2"
      >
        {t.skip}
      </a>
      {wide ? <Sidebar me={me.data} /> : <Topbar me={me.data} />}
      <div className="flex min-w-0 flex-col">
        <Reachability />
        {sendsMails && me.data && !me.data.email_verified_at && <Unverified email={me.data.email} />}
        <main id="main" tabIndex={-1} ref={main} className="mx-auto w-full max-w-5xl grow px-4 py-6 md:px-8 md:py-8">
          {me.isPending && <Loading page />}
          {me.isError && !me.data && <Failure page error={me.error} retry={() => me.refetch()} />}
          {me.data && (
            <MeContext value={me.data}>
              <Outlet />
            </MeContext>
          )}
        </main>
      </div>
      <Confirmation />
      {phase === "lost" && <SignInAgain email={me.data?.email} />}
    </div>
  );
}

/** The pages for administrators, or for others an explanation. */
export function AdminsOnly() {
  const t = useTexts();
  if (useMe().role === "admin") return <Outlet />;
  return (
    <Message title={t.forbidden.title} text={t.forbidden.text}>
      <Button asChild>
        <Link to="/">{t.notFound.back}</Link>
      </Button>
    </Message>
  );
}

/** Asks to verify the e-mail of the account. */
function Unverified({ email }: { email: string }) {
  const t = useTexts();
  const resend = useMutation({ mutationFn: () => requestVerification() });
  const text = resend.isSuccess ? t.verification.sent(email) : t.verification.banner(email);
  return (
    <section aria-label={t.verification.title} className="border-b">
      <div className="mx-auto flex w-full max-w-5xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm md:px-8">
        <p role="status" className="flex min-w-0 grow basis-64 gap-2.5 wrap-anywhere">
          <MailIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
          <span className="min-w-0">{resend.isError ? explain(resend.error, t) : text}</span>
        </p>
        {!resend.isSuccess && (
          <Button variant="outline" size="sm" busy={resend.isPending} onClick={() => resend.mutate()}>
            {t.verification.again}
          </Button>
        )}
      </div>
    </section>
  );
}

function Sidebar({ me }: { me: Me | undefined }) {
  return (
    <aside className="border-r bg-sidebar">
      <div className="sticky top-0 flex h-dvh flex-col gap-2 overflow-y-auto p-3">
        <Brand className="px-2 py-2" />
        <Pages me={me} />
        <div className="mt-auto grid gap-3">
          <Toasts />
          {me && (
            <UserMenu me={me} side="top">
              <Button variant="ghost" size="bare" className="w-full p-2 text-left">
                <Avatar name={me.name ?? me.email} />
                <span className="grid min-w-0 grow">
                  <span className="truncate">{me.name ?? me.email}</span>
                  {me.name && <span className="truncate text-xs font-normal text-muted-foreground">{me.email}</span>}
                </span>
                <ChevronsUpDownIcon aria-hidden />
              </Button>
            </UserMenu>
          )}
        </div>
      </div>
    </aside>
  );
}

function Topbar({ me }: { me: Me | undefined }) {
  const t = useTexts();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes when the page changes
  useEffect(() => setOpen(false), [pathname]);
  return (
    <header className="sticky top-0 z-20 border-b bg-sidebar">
      <div className="flex h-14 items-center gap-2 px-2">
        <Button variant="ghost" size="icon" aria-label={t.menu} onClick={() => setOpen(true)}>
          <MenuIcon />
        </Button>
        <Brand className="mr-auto" />
        {me && (
          <UserMenu me={me}>
            <Button variant="ghost" size="icon">
              <Avatar name={me.name ?? me.email} />
              <span className="sr-only">{t.account}</span>
            </Button>
          </UserMenu>
        )}
      </div>
      <Toasts className="px-4 pb-3" />
      <Sheet open={open} onClose={() => setOpen(false)} title={t.menu}>
        <Brand className="p-4" />
        <div className="px-3">
          <Pages me={me} />
        </div>
      </Sheet>
    </header>
  );
}

function Pages({ me }: { me: Me | undefined }) {
  const t = useTexts();
  const { pathname } = useLocation();
  return (
    <nav aria-label={t.menu} className="grid gap-0.5">
      {navigation.map(({ to, title, icon: Icon, admin }) => {
        if (admin && me?.role !== "admin") return null;
        const group = `/${String(to).split("/")[1]}`;
        const current = group === "/" ? pathname === "/" : pathname.startsWith(group);
        return (
          <Link
            key={to}
            to={to}
            aria-current={current ? "page" : undefined}
            className={cn(
              "flex min-h-10 items-center gap-2.5 rounded-md px-2 text-sm md:min-h-8 [&>svg]:size-4 [&>svg]:shrink-0",
              current ? "bg-accent font-medium" : "text-muted-foreground hover:bg-accent hover:text-accent-foreground",
            )}
          >
            <Icon aria-hidden />
            <span className="truncate">{title(t)}</span>
          </Link>
        );
      })}
    </nav>
  );
}

function UserMenu({ me, side, children }: { me: Me; side?: "top"; children: ReactNode }) {
  const t = useTexts();
  const navigate = useNavigate();
  return (
    <Menu trigger={children} side={side} align={side ? "start" : "end"}>
      <MenuLabel className="truncate px-2 py-1.5 text-xs text-muted-foreground">{me.email}</MenuLabel>
      <MenuSeparator />
      <MenuItem onSelect={() => navigate({ to: "/settings/profile" })}>
        <SettingsIcon aria-hidden /> {t.settings.title}
      </MenuItem>
      <MenuItem onSelect={() => navigate({ to: "/settings/appearance" })}>
        <SunMoonIcon aria-hidden /> {t.settings.appearance.title}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={signOut}>
        <LogOutIcon aria-hidden /> {t.signOut}
      </MenuItem>
    </Menu>
  );
}

function confirmLeaving(): Promise<boolean> {
  const t = texts();
  return confirm({ title: t.leave.title, text: t.leave.text, action: t.leave.action, destructive: true });
}

async function signOut() {
  if (hasUnsaved() && !(await confirmLeaving())) return;
  discardUnsaved();
  await client.session.logout().catch(notifyError);
}

/**
 * Asks to sign in again, above the page whose session has ended. The page stays as it is, with what
 * was typed, but cannot be seen: the session may have ended because the user signed out elsewhere.
 */
function SignInAgain({ email }: { email: string | undefined }) {
  const t = useTexts();
  const submission = useSubmit({
    defaultValues: { password: "" },
    schema: (zod) => zod.zLoginUserBody,
    body: ({ password }) => ({ email: email ?? "", password }),
    send: (body) => loginUser({ body }),
  });
  return (
    <Dialog open opaque onClose={() => {}} role="alertdialog" title={t.again.title} text={t.again.text}>
      <Form submission={submission}>
        <p className="text-sm font-medium wrap-anywhere">{email}</p>
        <input type="hidden" autoComplete="username" value={email ?? ""} readOnly />
        <TextField name="password" label={t.password} type="password" autoComplete="current-password" required />
        <SubmitButton submission={submission}>{t.signIn.submit}</SubmitButton>
        <Button variant="outline" onClick={session.leave}>
          {t.again.other}
        </Button>
      </Form>
    </Dialog>
  );
}

/** Moves the focus to the content on client-side navigation, as a page load would. */
function useMainFocus(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
