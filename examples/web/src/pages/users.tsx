import {
  clearUserThrottle,
  isProblem,
  revokeUserSessions,
  type UpdateUserRequest,
  type User,
  type UserList,
  updateUser,
} from "@plinth/client";
import { getUserOptions, listUsersInfiniteOptions } from "@plinth/client/query";
import { type InfiniteData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeftIcon, EllipsisIcon } from "lucide-react";
import { useMemo } from "react";
import { Alert } from "@/components/alert";
import { type Column, DataTable, More } from "@/components/data-table";
import { Filter, SearchBox } from "@/components/filters";
import { Message } from "@/components/message";
import { Empty, Fact, Failure, Loading, Page, Time } from "@/components/page";
import { notify, notifyError } from "@/components/toasts";
import { Button } from "@/components/ui/controls";
import { confirm } from "@/components/ui/dialog";
import { Avatar, Badge, Card } from "@/components/ui/display";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { Form, SubmitButton, TextField, useSubmit } from "@/form";
import { useTexts } from "@/i18n";
import { useMe } from "@/layout";
import { AccountEvents } from "@/pages/audit"; // scaffold:only audit

const list = getRouteApi("/app/admins/users");
const details = getRouteApi("/app/admins/users/$id");

export function Users() {
  const t = useTexts();
  const filters = list.useSearch();
  const navigate = list.useNavigate();
  const { search, role, active, sort } = filters;
  const users = useInfiniteQuery({
    ...listUsersInfiniteOptions({
      query: {
        ...(search && { search }),
        ...(role && { role }),
        ...(active !== undefined && { is_active: active }),
        ...(sort && { sort }),
      },
    }),
    placeholderData: (before) => before,
  });
  const found = useMemo(() => users.data?.pages.flatMap((page) => page.items) ?? [], [users.data]);
  const columns = useColumns();
  const change = (next: typeof filters) =>
    navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  return (
    <Page title={t.users.title} text={t.users.text}>
      <div className="flex flex-wrap gap-3">
        <SearchBox
          label={t.users.search}
          value={search ?? ""}
          onChange={(text) => change({ search: text || undefined })}
        />
        <Filter
          label={t.users.role}
          value={role}
          options={{ user: t.users.roles.user, admin: t.users.roles.admin }}
          all={t.users.allRoles}
          onChange={(value) => change({ role: value })}
        />
        <Filter
          label={t.users.status}
          value={active === undefined ? undefined : active ? "active" : "inactive"}
          options={{ active: t.users.active, inactive: t.users.inactive }}
          all={t.users.allStatuses}
          onChange={(value) => change({ active: value && value === "active" })}
        />
      </div>
      {users.isPending && <Loading rows={8} />}
      {users.isError && <Failure error={users.error} retry={() => users.refetch()} />}
      {users.isSuccess && found.length === 0 && (
        <Empty title={t.users.none} text={t.users.noneText}>
          <Button variant="outline" className="mt-2" onClick={() => navigate({ search: {} })}>
            {t.clearFilters}
          </Button>
        </Empty>
      )}
      {found.length > 0 && (
        <DataTable
          label={t.users.title}
          columns={columns}
          rows={found}
          rowId={(user) => user.id}
          sort={sort ? { id: "email", desc: false } : { id: "created_at", desc: true }}
          onSort={(id) => change({ sort: id === "email" ? "email" : undefined })}
          stale={users.isPlaceholderData}
        />
      )}
      <More query={users} />
    </Page>
  );
}

function useColumns(): Column<User>[] {
  const t = useTexts();
  return useMemo(
    () => [
      {
        id: "email",
        header: t.users.account,
        enableSorting: true,
        accessorFn: (user) => user.email,
        meta: { heading: true },
        cell: ({ row }) => <AccountCell user={row.original} />,
      },
      {
        id: "role",
        header: t.users.role,
        enableSorting: false,
        meta: { className: "w-36" },
        cell: ({ row }) => <RoleBadge user={row.original} />,
      },
      {
        id: "status",
        header: t.users.status,
        enableSorting: false,
        meta: { className: "w-28" },
        cell: ({ row }) => <StatusBadge user={row.original} />,
      },
      {
        id: "created_at",
        header: t.users.registered,
        accessorFn: (user) => user.created_at,
        meta: { className: "w-36" },
        cell: ({ row }) => <Time day value={row.original.created_at} />,
      },
      {
        id: "actions",
        header: t.users.actions,
        enableSorting: false,
        meta: { className: "w-16", unnamed: true },
        cell: ({ row }) => <Actions user={row.original} />,
      },
    ],
    [t],
  );
}

function AccountCell({ user }: { user: User }) {
  const t = useTexts();
  const me = useMe();
  return (
    <div className="flex min-w-0 items-center gap-3">
      <Avatar name={user.name ?? user.email} />
      <div className="grid min-w-0">
        <span className="flex min-w-0 items-center gap-2">
          <Link
            to="/users/$id"
            params={{ id: user.id }}
            className="truncate font-medium hover:underline"
            title={user.name ?? user.email}
          >
            {user.name ?? user.email}
          </Link>
          {user.id === me.id && <Badge>{t.users.you}</Badge>}
        </span>
        {user.name && (
          <span className="truncate text-muted-foreground" title={user.email}>
            {user.email}
          </span>
        )}
      </div>
    </div>
  );
}

function RoleBadge({ user }: { user: User }) {
  const t = useTexts();
  return <Badge tone={user.role === "admin" ? "primary" : "neutral"}>{t.users.roles[user.role] ?? user.role}</Badge>;
}

function StatusBadge({ user }: { user: User }) {
  const t = useTexts();
  return (
    <Badge tone={user.is_active ? "success" : "destructive"}>
      {user.is_active ? t.users.active : t.users.inactive}
    </Badge>
  );
}

/** The actions on an account. There are none on one's own, so that none is taken by accident. */
function Actions({ user }: { user: User }) {
  const t = useTexts();
  const me = useMe();
  const actions = useActions(user);
  if (user.id === me.id) return null;
  return (
    <Menu
      trigger={
        <Button variant="ghost" size="icon" aria-label={t.users.actionsFor(user.email)} className="-m-1 md:m-0">
          <EllipsisIcon />
        </Button>
      }
    >
      {actions.map(({ name, destructive, run }) => (
        <MenuItem key={name} destructive={destructive} onSelect={run}>
          {name}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/users/$id" params={{ id: user.id }}>
          {t.users.open}
        </Link>
      </MenuItem>
    </Menu>
  );
}

interface Action {
  name: string;
  destructive?: boolean;
  run: () => void;
}

/** Returns what an administrator can do with an account. Actions with consequences ask first. */
function useActions(user: User): Action[] {
  const t = useTexts();
  const update = useUpdate(user);
  const path = { id: user.id };
  const act = useMutation({ mutationFn: (action: () => Promise<unknown>) => action(), onError: notifyError });
  const name = user.name ?? user.email;
  const ask = async (texts: { title: string; text: string; action: string }, run: () => void) => {
    if (await confirm({ ...texts, destructive: true })) run();
  };
  const promoted = user.role === "admin";
  return [
    {
      name: promoted ? t.users.demote.action : t.users.promote.action,
      run: () =>
        ask((promoted ? t.users.demote : t.users.promote).question(name), () =>
          update.mutate({ role: promoted ? "user" : "admin" }),
        ),
    },
    {
      name: t.users.endSessions.action,
      run: () =>
        ask(t.users.endSessions.question(name), () =>
          act.mutate(() => revokeUserSessions({ path }), {
            onSuccess: () => notify(t.users.endSessions.done(name)),
          }),
        ),
    },
    {
      name: t.users.resetThrottle.action,
      run: () =>
        act.mutate(() => clearUserThrottle({ path }), {
          onSuccess: () => notify(t.users.resetThrottle.done(name)),
        }),
    },
    user.is_active
      ? {
          name: t.users.deactivate.action,
          destructive: true,
          run: () => ask(t.users.deactivate.question(name), () => update.mutate({ is_active: false })),
        }
      : { name: t.users.activate, run: () => update.mutate({ is_active: true }) },
  ];
}

/** Updates an account. Lists and details show the change at once, and take it back if it fails. */
function useUpdate(user: User) {
  const t = useTexts();
  const queryClient = useQueryClient();
  const path = { id: user.id };
  const lists = { queryKey: [{ _id: "listUsers" }] };
  const one = getUserOptions({ path }).queryKey;
  const show = (next: User) => {
    queryClient.setQueryData(one, next);
    queryClient.setQueriesData<InfiniteData<UserList>>(lists, (data) =>
      data?.pages
        ? {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.map((item) => (item.id === next.id ? next : item)),
            })),
          }
        : data,
    );
  };
  return useMutation({
    mutationFn: async (body: UpdateUserRequest) => (await updateUser({ path, body })).data,
    onMutate: async (body) => {
      await queryClient.cancelQueries(lists);
      show({ ...user, ...body });
      return user;
    },
    onError: (error, _, before) => {
      if (before) show(before); // user has the change by now
      notifyError(error);
    },
    onSuccess: (next) => {
      show(next);
      notify(t.users.updated(next.name ?? next.email));
    },
  });
}

export function UserDetails() {
  const t = useTexts();
  const { id } = details.useParams();
  const user = useQuery(getUserOptions({ path: { id } }));
  if (user.isPending) return <Loading page />;
  if (isProblem(user.error, "user_not_found", "validation_failed")) {
    return (
      <Message title={t.users.notFound} text={t.users.notFoundText}>
        <Button asChild>
          <Link to="/users">{t.users.back}</Link>
        </Button>
      </Message>
    );
  }
  if (!user.data) return <Failure page error={user.error} retry={() => user.refetch()} />;
  return <Details key={user.data.id} user={user.data} />;
}

function Details({ user }: { user: User }) {
  const t = useTexts();
  const me = useMe();
  const actions = useActions(user);
  return (
    <>
      <Button variant="ghost" size="sm" asChild className="-ml-3 mb-3 text-muted-foreground">
        <Link to="/users">
          <ArrowLeftIcon aria-hidden /> {t.users.back}
        </Link>
      </Button>
      <Page title={user.name ?? user.email} text={user.email}>
        <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Card aria-label={t.users.account} className="grid gap-5 p-5 sm:p-6">
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-8 gap-y-3 text-sm">
              <Fact name={t.users.role}>
                <RoleBadge user={user} />
              </Fact>
              <Fact name={t.users.status}>
                <StatusBadge user={user} />
              </Fact>
              <Fact name={t.users.registered}>
                <Time value={user.created_at} />
              </Fact>
              <Fact name={t.users.changed}>
                <Time value={user.updated_at} />
              </Fact>
              <Fact name="ID">
                <code className="text-xs wrap-anywhere">{user.id}</code>
              </Fact>
            </dl>
            {user.id !== me.id && <NameForm user={user} />}
          </Card>
          {user.id === me.id ? (
            <Alert title={t.users.yours}>
              <p>{t.users.yoursText}</p>
              <Button variant="outline" size="sm" asChild className="mt-2 justify-self-start">
                <Link to="/settings/profile">{t.settings.title}</Link>
              </Button>
            </Alert>
          ) : (
            <Card aria-label={t.users.actions} className="grid gap-3 p-5 sm:p-6">
              <h2 className="font-semibold">{t.users.actions}</h2>
              {actions.map(({ name, destructive, run }) => (
                <Button key={name} variant={destructive ? "destructive" : "outline"} onClick={run}>
                  {name}
                </Button>
              ))}
            </Card>
          )}
        </div>
        <AccountEvents id={user.id} /> {/* scaffold:only audit */}
      </Page>
    </>
  );
}

function NameForm({ user }: { user: User }) {
  const t = useTexts();
  const update = useUpdate(user);
  const submission = useSubmit({
    defaultValues: { name: user.name ?? "" },
    schema: (zod) => zod.zUpdateUserBody,
    body: (values) => ({ name: values.name.trim() || null }),
    send: (body) => update.mutateAsync(body),
    onDone: (form) => form.reset(form.getValues()),
    guard: true,
  });
  return (
    <Form submission={submission} className="border-t pt-5">
      <TextField name="name" label={t.name} autoComplete="off" />
      <SubmitButton submission={submission} variant="outline" className="justify-self-start">
        {t.save}
      </SubmitButton>
    </Form>
  );
}
