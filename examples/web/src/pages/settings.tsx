import {
  deleteCurrentUser,
  isProblem,
  logoutAllSessions,
  revokeCurrentUserSession,
  type Session,
  type SessionList,
  type UpdateCurrentUserRequest,
  updateCurrentUser,
} from "@plinth/client";
import { listCurrentUserSessionsOptions } from "@plinth/client/query";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { MonitorIcon, SmartphoneIcon } from "lucide-react";
import { type ReactNode, useState } from "react";
import { sendsMails } from "@/api";
import { Alert } from "@/components/alert";
import { Failure, Loading, Page, Time } from "@/components/page";
import { notify, notifyError } from "@/components/toasts";
import { Button, Label, Select } from "@/components/ui/controls";
import { confirm, Dialog, DialogFooter } from "@/components/ui/dialog";
import { Badge, Card } from "@/components/ui/display";
import { Form, NewPasswordField, SubmitButton, type SubmitOptions, TextField, useSubmit } from "@/form";
import { type Language, languages, setLanguage, useLanguage, useTexts } from "@/i18n";
import { useMe } from "@/layout";
import { setTheme, type Theme, theme, themes } from "@/lib/theme";
import { cn, device } from "@/lib/utils";
import { meOptions } from "@/queries";

const sections = ["profile", "email", "password", "sessions", "appearance", "deletion"] as const;

const entry = "flex min-h-10 items-center rounded-md px-3 text-sm whitespace-nowrap md:min-h-8";

/** The frame of all sections, each of which has its own address. */
export function Settings() {
  const t = useTexts();
  return (
    <Page title={t.settings.title} text={t.settings.text}>
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-[10rem_minmax(0,1fr)] lg:gap-10">
        <nav aria-label={t.settings.title} className="-mx-1 flex flex-wrap content-start gap-1 px-1 lg:flex-col">
          {sections.map((section) => (
            <Link
              key={section}
              to={`/settings/${section}`}
              className={entry}
              activeProps={{ className: cn(entry, "bg-accent font-medium") }}
              inactiveProps={{
                className: cn(entry, "text-muted-foreground hover:bg-accent hover:text-accent-foreground"),
              }}
            >
              {t.settings[section].title}
            </Link>
          ))}
        </nav>
        <div className="grid max-w-2xl min-w-0 grid-cols-1 content-start gap-6">
          <Outlet />
        </div>
      </div>
    </Page>
  );
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  const t = useTexts();
  return (
    <Card aria-label={title} className="grid grid-cols-1 gap-6 p-5 sm:p-6">
      <title>{`${title} · ${t.settings.title} · Plinth`}</title>
      <div className="grid gap-1.5">
        <h2 className="font-semibold">{title}</h2>
        <p className="text-sm text-muted-foreground">{text}</p>
      </div>
      {children}
    </Card>
  );
}

/** Identifies the account for password managers. */
const Username = () => <input autoComplete="username" value={useMe().email} readOnly hidden />;

/**
 * Returns a function that updates the version of the account that the user sees. After a concurrent
 * change it reads the account again and rejects.
 */
function useChange() {
  const me = useMe();
  const queryClient = useQueryClient();
  return async (body: UpdateCurrentUserRequest) => {
    try {
      const { data, response } = await updateCurrentUser({ headers: { "If-Match": me.version }, body });
      queryClient.setQueryData(meOptions.queryKey, { ...data, version: response.headers.get("ETag") ?? "*" });
      return data;
    } catch (error) {
      if (isProblem(error, "precondition_failed")) await queryClient.invalidateQueries(meOptions);
      throw error;
    }
  };
}

export function Profile() {
  const t = useTexts();
  const { name } = useMe();
  const change = useChange();
  const submission = useSubmit({
    defaultValues: { name: name ?? "" },
    schema: (zod) => zod.zUpdateCurrentUserBody,
    body: (values) => ({ name: values.name.trim() || null }),
    send: change,
    onDone: (form) => {
      form.reset(form.getValues());
      notify(t.settings.profile.done);
    },
    guard: true,
  });
  const conflict = isProblem(submission.failure, "precondition_failed");
  return (
    <Section {...t.settings.profile}>
      <Form submission={submission}>
        {conflict && <Alert title={t.settings.profile.saved(name)}>{t.settings.profile.overwrite}</Alert>}
        <TextField name="name" label={t.name} autoComplete="name" hint={t.settings.profile.hint} />
        <SubmitButton submission={submission} className="justify-self-start">
          {t.save}
        </SubmitButton>
      </Form>
    </Section>
  );
}

export function Email() {
  const t = useTexts();
  const { email, email_verified_at, pending_email } = useMe();
  const change = useChange();
  const submission = useSubmit({
    defaultValues: { email: "", current_password: "" },
    schema: (zod) => zod.zUpdateCurrentUserBody,
    send: async (body) => {
      const { pending_email } = await change(body);
      notify(pending_email ? t.settings.email.sent(pending_email) : t.settings.email.done);
    },
    onDone: (form) => form.reset(),
    guard: true,
  });
  return (
    <Section {...t.settings.email}>
      <p className="flex flex-wrap items-center gap-2 text-sm font-medium wrap-anywhere">
        {email}
        {sendsMails && (
          <Badge tone={email_verified_at ? "success" : "warning"}>
            {email_verified_at ? t.settings.email.verified : t.settings.email.unverified}
          </Badge>
        )}
      </p>
      {pending_email && <PendingEmail pending={pending_email} />}
      <Form submission={submission}>
        <Username />
        <TextField name="email" label={t.settings.email.field} type="email" autoComplete="email" required />
        <TextField
          name="current_password"
          label={t.currentPassword}
          type="password"
          autoComplete="current-password"
          required
        />
        <SubmitButton submission={submission} className="justify-self-start">
          {t.settings.email.submit}
        </SubmitButton>
      </Form>
    </Section>
  );
}

/** An e-mail that waits for its confirmation. The API takes it again to resend the link, and the current one to cancel. */
function PendingEmail({ pending }: { pending: string }) {
  const t = useTexts();
  const { email } = useMe();
  const change = useChange();
  const [asked, setAsked] = useState<"resend" | "cancel">();
  const { resend, cancel, canceled, kept, sent } = t.settings.email;
  return (
    <Alert title={t.settings.email.pending(pending)}>
      <p>{t.settings.email.until(email)}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button variant="outline" size="sm" onClick={() => setAsked("resend")}>
          {resend}
        </Button>
        <Button variant="outline" size="sm" onClick={() => setAsked("cancel")}>
          {cancel}
        </Button>
      </div>
      <PasswordDialog
        key={asked}
        open={!!asked}
        onClose={() => setAsked(undefined)}
        title={asked === "cancel" ? cancel : resend}
        text={asked === "cancel" ? kept(email) : t.settings.email.pending(pending)}
        action={asked === "cancel" ? cancel : resend}
        schema={(zod) => zod.zUpdateCurrentUserBody}
        body={(values) => ({ ...values, email: asked === "cancel" ? email : pending })}
        send={change}
        onDone={() => {
          notify(asked === "cancel" ? canceled : sent(pending));
          setAsked(undefined);
        }}
      />
    </Alert>
  );
}

export function Password() {
  const t = useTexts();
  const change = useChange();
  const submission = useSubmit({
    defaultValues: { current_password: "", password: "" },
    newPassword: "password",
    schema: (zod) => zod.zUpdateCurrentUserBody,
    send: change,
    onDone: (form) => {
      form.reset();
      notify(t.settings.password.done);
    },
  });
  return (
    <Section {...t.settings.password}>
      <Form submission={submission}>
        <Username />
        <TextField
          name="current_password"
          label={t.currentPassword}
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPasswordField label={t.newPassword} />
        <SubmitButton submission={submission} className="justify-self-start">
          {t.settings.password.submit}
        </SubmitButton>
      </Form>
    </Section>
  );
}

const sessionsOptions = listCurrentUserSessionsOptions({});

export function Sessions() {
  const t = useTexts();
  const sessions = useQuery(sessionsOptions);
  const end = useMutation({ mutationFn: () => logoutAllSessions(), onError: notifyError });
  const endAll = async () => {
    const { endAllTitle: title, endAllText: text, endAll: action } = t.settings.sessions;
    if (await confirm({ title, text, action, destructive: true })) end.mutate();
  };
  return (
    <Section {...t.settings.sessions}>
      {sessions.isPending && <Loading rows={3} />}
      {sessions.isError && <Failure error={sessions.error} retry={() => sessions.refetch()} />}
      {sessions.data && (
        <ul className="divide-y">
          {sessions.data.items.map((session) => (
            <SessionItem key={session.id} session={session} />
          ))}
        </ul>
      )}
      <Button variant="outline" busy={end.isPending} className="justify-self-start" onClick={endAll}>
        {t.settings.sessions.endAll}
      </Button>
    </Section>
  );
}

function SessionItem({ session }: { session: Session }) {
  const t = useTexts();
  const end = useEndSession(session);
  const { program, system, phone } = device(session.user_agent);
  const name = [program || t.settings.sessions.unknown, system].filter(Boolean).join(" · ");
  const Icon = phone ? SmartphoneIcon : MonitorIcon;
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 py-4 text-sm first:pt-0 last:pb-0">
      <Icon aria-hidden className="size-5 text-muted-foreground" />
      <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 font-medium">
        <span className="wrap-anywhere" title={session.user_agent}>
          {name}
        </span>
        {session.current && <Badge tone="success">{t.settings.sessions.current}</Badge>}
      </p>
      {session.current ? (
        <span />
      ) : (
        <Button variant="outline" size="sm" aria-label={t.settings.sessions.endOne(name)} onClick={() => end.mutate()}>
          {t.settings.sessions.end}
        </Button>
      )}
      <div className="col-span-2 col-start-2 grid gap-1 wrap-anywhere text-muted-foreground">
        <p>
          {t.settings.sessions.lastUsed} <Time value={session.last_used_at} />
          {session.last_ip && <Address ip={session.last_ip} />}
        </p>
        <p>
          {t.settings.sessions.since} <Time value={session.created_at} />
          {session.ip && session.ip !== session.last_ip && <Address ip={session.ip} />}
        </p>
      </div>
    </li>
  );
}

/** An address after other text, or on phones on a line of its own. */
const Address = ({ ip }: { ip: string }) => (
  <>
    <span className="max-sm:hidden"> · </span>
    <span className="max-sm:block">{ip}</span>
  </>
);

/** Ends a session. It leaves the list at once, and returns if the API refuses. */
function useEndSession({ id }: Session) {
  const t = useTexts();
  const queryClient = useQueryClient();
  const { queryKey } = sessionsOptions;
  return useMutation({
    mutationFn: () => revokeCurrentUserSession({ path: { id } }),
    onMutate: async () => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData(queryKey);
      const without = (list: SessionList | undefined) =>
        list && { ...list, items: list.items.filter((session) => session.id !== id) };
      queryClient.setQueryData(queryKey, without);
      return before;
    },
    onError: (error, _, before) => {
      queryClient.setQueryData(queryKey, before);
      notifyError(error);
    },
    onSuccess: () => notify(t.settings.sessions.ended),
  });
}

export function Appearance() {
  const t = useTexts();
  const language = useLanguage();
  const [chosen, setChosen] = useState(theme);
  const choose = (next: Theme) => {
    setTheme(next);
    setChosen(next);
  };
  return (
    <Section {...t.settings.appearance}>
      <fieldset className="grid gap-3">
        <legend className="mb-2 text-sm font-medium">{t.settings.appearance.theme}</legend>
        <div className="flex flex-wrap gap-2">
          {themes.map((name) => (
            <label
              key={name}
              className="flex min-h-10 cursor-pointer items-center gap-2 rounded-md border border-input px-3 text-sm has-checked:border-primary has-checked:bg-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring md:min-h-9"
            >
              <input
                type="radio"
                name="theme"
                className="accent-primary"
                checked={chosen === name}
                onChange={() => choose(name)}
              />
              {t.settings.appearance.themes[name]}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="grid gap-2">
        <Label htmlFor="language">{t.settings.appearance.language}</Label>
        <Select
          id="language"
          className="max-w-56"
          value={language}
          onChange={(event) => void setLanguage(event.currentTarget.value as Language)}
        >
          {Object.entries(languages).map(([value, name]) => (
            <option key={value} value={value} lang={value}>
              {name}
            </option>
          ))}
        </Select>
      </div>
    </Section>
  );
}

export function Deletion() {
  const t = useTexts();
  const [open, setOpen] = useState(false);
  const { open: action, question, consequence, submit, done } = t.settings.deletion;
  return (
    <Section {...t.settings.deletion}>
      <Button variant="destructive" className="justify-self-start" onClick={() => setOpen(true)}>
        {action}
      </Button>
      <PasswordDialog
        open={open}
        onClose={() => setOpen(false)}
        title={question}
        text={consequence}
        action={submit}
        destructive
        schema={(zod) => zod.zDeleteCurrentUserBody}
        send={(body) => deleteCurrentUser({ body })}
        onDone={() => notify(done)}
      />
    </Section>
  );
}

interface Confirmed {
  current_password: string;
}

interface PasswordDialogProps<Body>
  extends Pick<SubmitOptions<Confirmed, Body>, "schema" | "body" | "send" | "onDone"> {
  open: boolean;
  onClose: () => void;
  title: string;
  text: string;
  action: string;
  destructive?: boolean;
}

/** Asks for the current password before an action that requires it. */
function PasswordDialog<Body = Confirmed>(props: PasswordDialogProps<Body>) {
  const { open, onClose, title, text, action, destructive, ...options } = props;
  const t = useTexts();
  const submission = useSubmit<Confirmed, Body>({ defaultValues: { current_password: "" }, ...options });
  return (
    <Dialog open={open} onClose={onClose} title={title} text={text}>
      <Form submission={submission}>
        <Username />
        <TextField
          name="current_password"
          label={t.currentPassword}
          type="password"
          autoComplete="current-password"
          required
          autoFocus
        />
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            {t.cancel}
          </Button>
          <SubmitButton submission={submission} variant={destructive ? "destructive" : "default"}>
            {action}
          </SubmitButton>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
