import { listCurrentUserSessionsOptions, listUsersOptions } from "@plinth/client/query";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Failure, Loading, Page, Time } from "@/components/page";
import { Avatar, Card, Skeleton } from "@/components/ui/display";
import { useTexts } from "@/i18n";
import { useMe } from "@/layout";
import { LatestEvents } from "@/pages/audit"; // scaffold:only audit

export function Dashboard() {
  const t = useTexts();
  const me = useMe();
  const sessions = useQuery(listCurrentUserSessionsOptions({}));
  const current = sessions.data?.items.find((session) => session.current);
  const pending = sessions.isPending && <Skeleton className="h-6 w-24" />;
  return (
    <Page title={t.dashboard.title} text={t.dashboard.welcome(me.name ?? me.email)}>
      <dl className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <Figure name={t.dashboard.role} value={t.users.roles[me.role] ?? me.role} />
        <Figure name={t.dashboard.since} value={<Time day value={me.created_at} />} />
        <Figure
          name={t.dashboard.sessions}
          value={pending || sessions.data?.items.length || "–"}
          link={
            <Link to="/settings/sessions" className="underline underline-offset-4">
              {t.dashboard.manage}
            </Link>
          }
        />
        <Figure name={t.dashboard.signedIn} value={pending || (current ? <Time value={current.created_at} /> : "–")} />
      </dl>
      {me.role === "admin" ? <Administration /> : <FirstSteps />}
    </Page>
  );
}

function Figure({ name, value, link }: { name: string; value: ReactNode; link?: ReactNode }) {
  return (
    <div className="grid content-start gap-1 rounded-xl border bg-card p-5 shadow-xs">
      <dt className="text-sm text-muted-foreground">{name}</dt>
      <dd className="text-xl font-semibold tracking-tight tabular-nums">{value}</dd>
      {link && <dd className="text-sm">{link}</dd>}
    </div>
  );
}

function FirstSteps() {
  const t = useTexts();
  const steps = [
    { to: "/settings/profile", text: t.settings.profile },
    { to: "/settings/password", text: t.settings.password },
    { to: "/settings/appearance", text: t.settings.appearance },
  ] as const;
  return (
    <ul className="grid gap-4 sm:grid-cols-3">
      {steps.map(({ to, text }) => (
        <li key={to}>
          <Link
            to={to}
            className="grid h-full content-start gap-1 rounded-xl border bg-card p-5 shadow-xs hover:bg-accent"
          >
            <span className="font-medium">{text.title}</span>
            <span className="text-sm text-muted-foreground">{text.text}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const Administration = () => (
  <div className="grid items-start gap-6 lg:grid-cols-2">
    <NewestAccounts />
    <LatestEvents /> {/* scaffold:only audit */}
  </div>
);

function NewestAccounts() {
  const t = useTexts();
  const users = useQuery(listUsersOptions({ query: { limit: 6 } }));
  if (users.isPending) return <Loading />;
  if (!users.data) return <Failure error={users.error} retry={() => users.refetch()} />;
  return (
    <Card aria-label={t.dashboard.newest} className="grid min-w-0 gap-4 p-5 sm:p-6">
      <div className="flex items-center justify-between gap-4">
        <h2 className="font-semibold">{t.dashboard.newest}</h2>
        <Link to="/users" className="text-sm underline underline-offset-4">
          {t.dashboard.allAccounts}
        </Link>
      </div>
      <ul className="divide-y text-sm">
        {users.data.items.map((user) => (
          <li key={user.id} className="flex items-center gap-3 py-2.5 first:pt-0 last:pb-0">
            <Avatar name={user.name ?? user.email} />
            <div className="grid min-w-0 grow">
              <Link to="/users/$id" params={{ id: user.id }} className="truncate font-medium hover:underline">
                {user.name ?? user.email}
              </Link>
              {user.name && <span className="truncate text-muted-foreground">{user.email}</span>}
            </div>
            <span className="text-muted-foreground">
              <Time day value={user.created_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
