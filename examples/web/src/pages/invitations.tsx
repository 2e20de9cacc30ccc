import { createInvitation, deleteInvitation, type Invitation, type InvitationList } from "@plinth/client";
import { listInvitationsInfiniteOptions } from "@plinth/client/query";
import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { MailPlusIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { type Column, DataTable, More } from "@/components/data-table";
import { Empty, Failure, Loading, Page, Time } from "@/components/page";
import { notify, notifyError } from "@/components/toasts";
import { Button } from "@/components/ui/controls";
import { confirm, Dialog, DialogFooter } from "@/components/ui/dialog";
import { Badge } from "@/components/ui/display";
import { Form, SelectField, SubmitButton, TextField, useSubmit } from "@/form";
import { useTexts } from "@/i18n";

const listOptions = listInvitationsInfiniteOptions({});

export function Invitations() {
  const t = useTexts();
  const [inviting, setInviting] = useState(false);
  const invitations = useInfiniteQuery(listOptions);
  const found = useMemo(() => invitations.data?.pages.flatMap((page) => page.items) ?? [], [invitations.data]);
  const columns = useColumns();
  const invite = (
    <Button onClick={() => setInviting(true)}>
      <MailPlusIcon aria-hidden /> {t.invitations.invite}
    </Button>
  );
  return (
    <Page title={t.invitations.title} text={t.invitations.text} actions={found.length > 0 && invite}>
      {invitations.isPending && <Loading rows={8} />}
      {invitations.isError && <Failure error={invitations.error} retry={() => invitations.refetch()} />}
      {invitations.isSuccess && found.length === 0 && (
        <Empty title={t.invitations.none} text={t.invitations.noneText}>
          <div className="mt-2">{invite}</div>
        </Empty>
      )}
      {found.length > 0 && (
        <DataTable label={t.invitations.title} columns={columns} rows={found} rowId={(invitation) => invitation.id} />
      )}
      <More query={invitations} />
      <Dialog
        open={inviting}
        onClose={() => setInviting(false)}
        title={t.invitations.invite}
        text={t.invitations.inviteText}
      >
        <InvitationForm onClose={() => setInviting(false)} />
      </Dialog>
    </Page>
  );
}

function useColumns(): Column<Invitation>[] {
  const t = useTexts();
  return useMemo(
    () => [
      {
        id: "email",
        header: t.email,
        meta: { heading: true },
        cell: ({ row: { original } }) => (
          <div className="grid min-w-0">
            <span className="truncate font-medium" title={original.email}>
              {original.email}
            </span>
            {original.name && (
              <span className="truncate text-muted-foreground" title={original.name}>
                {original.name}
              </span>
            )}
          </div>
        ),
      },
      {
        id: "role",
        header: t.users.role,
        meta: { className: "w-36" },
        cell: ({ row: { original } }) => (
          <Badge tone={original.role === "admin" ? "primary" : "neutral"}>
            {t.users.roles[original.role] ?? original.role}
          </Badge>
        ),
      },
      {
        id: "created_at",
        header: t.invitations.sent,
        meta: { className: "w-36" },
        cell: ({ row }) => <Time day value={row.original.created_at} />,
      },
      {
        id: "expires_at",
        header: t.invitations.expires,
        meta: { className: "w-36" },
        cell: ({ row }) => <Time day value={row.original.expires_at} />,
      },
      {
        id: "actions",
        header: t.users.actions,
        meta: { className: "w-36 text-right", unnamed: true },
        cell: ({ row }) => <Withdraw invitation={row.original} />,
      },
    ],
    [t],
  );
}

function Withdraw({ invitation: { id, email } }: { invitation: Invitation }) {
  const t = useTexts();
  const change = useListChange();
  const withdraw = useMutation({
    mutationFn: () => deleteInvitation({ path: { id } }),
    onSuccess: () => {
      change((items) => items.filter((item) => item.id !== id));
      notify(t.invitations.withdrawn(email));
    },
    onError: notifyError,
  });
  const ask = async () => {
    if (await confirm({ ...t.invitations.question(email), destructive: true })) withdraw.mutate();
  };
  return (
    <Button
      variant="outline"
      size="sm"
      aria-label={t.invitations.withdrawOne(email)}
      busy={withdraw.isPending}
      onClick={ask}
    >
      {t.invitations.withdraw}
    </Button>
  );
}

function InvitationForm({ onClose }: { onClose: () => void }) {
  const t = useTexts();
  const change = useListChange();
  const submission = useSubmit({
    defaultValues: { email: "", name: "", role: "user" },
    schema: (zod) => zod.zCreateInvitationBody,
    body: ({ name, role, ...body }) => ({ ...body, name: name.trim() || null, role: role as Invitation["role"] }),
    codes: { already_invited: "email" },
    send: async (body) => {
      const { data: created } = await createInvitation({ body });
      change((items, page) => (page === 0 ? [created, ...items] : items));
      notify(t.invitations.done(created.email));
      onClose();
    },
  });
  return (
    <Form submission={submission}>
      <TextField name="email" label={t.email} type="email" autoComplete="off" required autoFocus />
      <TextField name="name" label={t.name} autoComplete="off" />
      <SelectField name="role" label={t.users.role} options={t.users.roles} required />
      <DialogFooter>
        <Button variant="outline" onClick={onClose}>
          {t.cancel}
        </Button>
        <SubmitButton submission={submission}>{t.invitations.submit}</SubmitButton>
      </DialogFooter>
    </Form>
  );
}

/** Returns a function that changes the pages of the list, which is not read again. */
function useListChange() {
  const queryClient = useQueryClient();
  return (change: (items: Invitation[], page: number) => Invitation[]) =>
    queryClient.setQueryData<InfiniteData<InvitationList>>(listOptions.queryKey, (data) =>
      data ? { ...data, pages: data.pages.map((page, n) => ({ ...page, items: change(page.items, n) })) } : data,
    );
}
