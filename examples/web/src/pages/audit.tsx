import { type AuditEvent, type AuditEventType, isProblem } from "@plinth/client";
import { getUserOptions, listAuditEventsInfiniteOptions, listAuditEventsOptions } from "@plinth/client/query";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { XIcon } from "lucide-react";
import { useMemo } from "react";
import { type Column, DataTable, More } from "@/components/data-table";
import { Filter } from "@/components/filters";
import { Empty, Failure, Loading, Page, Time } from "@/components/page";
import { Button } from "@/components/ui/controls";
import { Badge, Card, Skeleton } from "@/components/ui/display";
import { useTexts } from "@/i18n";

const route = getRouteApi("/app/admins/audit");

const isType = (value: string | undefined, known: object): value is AuditEventType => !!value && value in known;

export function Audit() {
  const t = useTexts();
  const { type, actor, target } = route.useSearch();
  const navigate = route.useNavigate();
  const events = useInfiniteQuery({
    ...listAuditEventsInfiniteOptions({
      query: {
        ...(isType(type, t.audit.types) && { type }),
        ...(actor && { actor_id: actor }),
        ...(target && { target_id: target }),
      },
    }),
    placeholderData: (before) => before,
  });
  const found = useMemo(() => events.data?.pages.flatMap((page) => page.items) ?? [], [events.data]);
  const columns = useColumns();
  const change = (next: { type?: string; actor?: string; target?: string }) =>
    navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <Page title={t.audit.title} text={t.audit.text}>
      <div className="flex flex-wrap items-center gap-3">
        <Filter
          label={t.audit.type}
          value={isType(type, t.audit.types) ? type : undefined}
          options={t.audit.types}
          all={t.audit.allTypes}
          onChange={(value) => change({ type: value })}
        />
        {actor && <Chip label={t.audit.actor} id={actor} onRemove={() => change({ actor: undefined })} />}
        {target && <Chip label={t.audit.target} id={target} onRemove={() => change({ target: undefined })} />}
      </div>
      {events.isPending && <Loading rows={8} />}
      {events.isError && <Failure error={events.error} retry={() => events.refetch()} />}
      {events.isSuccess && found.length === 0 && (
        <Empty title={t.audit.none} text={t.audit.noneText}>
          <Button variant="outline" className="mt-2" onClick={() => navigate({ search: {} })}>
            {t.clearFilters}
          </Button>
        </Empty>
      )}
      {found.length > 0 && (
        <DataTable
          label={t.audit.title}
          columns={columns}
          rows={found}
          rowId={(event) => event.id}
          stale={events.isPlaceholderData}
        />
      )}
      <More query={events} />
    </Page>
  );
}

function useColumns(): Column<AuditEvent>[] {
  const t = useTexts();
  return useMemo(
    () => [
      {
        id: "type",
        header: t.audit.event,
        meta: { heading: true },
        cell: ({ row }) => <EventCell event={row.original} />,
      },
      {
        id: "actor",
        header: t.audit.actor,
        meta: { className: "w-[22%]" },
        cell: ({ row }) => <Account id={row.original.actor_id} />,
      },
      {
        id: "target",
        header: t.audit.target,
        meta: { className: "w-[22%]" },
        cell: ({ row: { original } }) =>
          original.target_id !== null && original.target_id === original.actor_id ? (
            <span className="text-muted-foreground">{t.audit.self}</span>
          ) : (
            <Account id={original.target_id} />
          ),
      },
      {
        id: "ip",
        header: t.audit.ip,
        meta: { className: "w-44" },
        cell: ({ row }) => <span className="wrap-anywhere">{row.original.ip ?? "–"}</span>,
      },
      {
        id: "time",
        header: t.audit.time,
        meta: { className: "w-44" },
        cell: ({ row }) => <Time value={row.original.last_occurred_at} />,
      },
    ],
    [t],
  );
}

function EventCell({ event }: { event: AuditEvent }) {
  const t = useTexts();
  const details: Record<string, string> = t.audit.details;
  return (
    <div className="grid min-w-0 gap-0.5">
      <span className="flex flex-wrap items-center gap-x-2 font-medium">
        {t.audit.types[event.type] ?? event.type}
        {event.count > 1 && <Badge>{t.audit.times(event.count)}</Badge>}
      </span>
      {event.detail && (
        <span className="text-muted-foreground">{details[event.detail] ?? event.detail.replaceAll("_", " ")}</span>
      )}
    </div>
  );
}

const fresh = 5 * 60_000; // milliseconds; names rarely change

/** The name of an account as a link. The events themselves only have identifiers. */
function useAccount(id: string) {
  return useQuery({ ...getUserOptions({ path: { id } }), staleTime: fresh });
}

function Account({ id }: { id: string | null }) {
  return id ? <KnownAccount id={id} /> : <span className="text-muted-foreground">–</span>;
}

function KnownAccount({ id }: { id: string }) {
  const t = useTexts();
  const user = useAccount(id);
  if (user.isPending) return <Skeleton className="h-4 w-24" />;
  if (!user.data) {
    const gone = isProblem(user.error, "user_not_found");
    return (
      <span className="block truncate text-muted-foreground" title={id}>
        {gone ? t.audit.deleted : id}
      </span>
    );
  }
  const name = user.data.name ?? user.data.email;
  return (
    <Link to="/users/$id" params={{ id }} title={user.data.email} className="block truncate hover:underline">
      {name}
    </Link>
  );
}

function Chip({ label, id, onRemove }: { label: string; id: string; onRemove: () => void }) {
  const t = useTexts();
  const user = useAccount(id);
  const name = user.data?.name ?? user.data?.email ?? id;
  return (
    <span className="flex max-w-full min-w-0 items-center gap-1 rounded-md border pl-3 text-sm">
      <span className="text-muted-foreground">{label}:</span>
      <span className="truncate">{name}</span>
      <Button variant="ghost" size="icon" aria-label={t.audit.removeFilter(label)} onClick={onRemove}>
        <XIcon />
      </Button>
    </span>
  );
}

/** The latest events of an account, for its page. */
export function AccountEvents({ id }: { id: string }) {
  const t = useTexts();
  return (
    <Events query={{ target_id: id, limit: 8 }}>
      <Link to="/audit" search={{ target: id }} className="text-sm underline underline-offset-4">
        {t.audit.all}
      </Link>
    </Events>
  );
}

/** The latest events of the service, for the dashboard. */
export function LatestEvents() {
  const t = useTexts();
  return (
    <Events query={{ limit: 6 }} withAccount>
      <Link to="/audit" className="text-sm underline underline-offset-4">
        {t.audit.all}
      </Link>
    </Events>
  );
}

interface EventsProps {
  query: { target_id?: string; limit: number };
  withAccount?: boolean;
  children: React.ReactNode;
}

function Events({ query, withAccount, children }: EventsProps) {
  const t = useTexts();
  const events = useQuery(listAuditEventsOptions({ query }));
  if (events.isPending) return <Loading />;
  if (!events.data) return <Failure error={events.error} retry={() => events.refetch()} />;
  return (
    <Card aria-label={t.audit.latest} className="grid min-w-0 gap-4 p-5 sm:p-6">
      <div className="flex items-center justify-between gap-4">
        <h2 className="font-semibold">{t.audit.latest}</h2>
        {children}
      </div>
      {events.data.items.length === 0 && <p className="text-sm text-muted-foreground">{t.audit.noneYet}</p>}
      <ul className="divide-y text-sm">
        {events.data.items.map((event) => {
          const account = event.target_id ?? event.actor_id;
          return (
            <li key={event.id} className="flex items-start justify-between gap-4 py-2.5 first:pt-0 last:pb-0">
              <div className="grid min-w-0 gap-0.5">
                <EventCell event={event} />
                {withAccount && account && <KnownAccount id={account} />}
              </div>
              <span className="text-muted-foreground">
                <Time value={event.last_occurred_at} />
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
