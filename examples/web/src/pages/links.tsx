import {
  confirmEmailChange,
  confirmPasswordReset,
  confirmVerification,
  getCurrentUser,
  requestPasswordReset,
  requestVerification,
  type User,
  undoEmailChange,
} from "@plinth/client";
import { type ReactNode, useEffect, useState } from "react";
import { client } from "@/api";
import { Alert } from "@/components/alert";
import { Entry, EntryLink } from "@/components/entry";
import { TokenPage, useTokenForm, withToken } from "@/components/token-page";
import { Button } from "@/components/ui/controls";
import { Form, NewPasswordField, SubmitButton, TextField, useSubmit } from "@/form";
import { useTexts } from "@/i18n";
import { session, useSession } from "@/session";

// The pages that links in mails open: see docs/accounts.md.

export const Verify = withToken(({ token }) => {
  const t = useTexts();
  const { phase } = useSession();
  const form = useTokenForm({
    defaultValues: { token },
    schema: (zod) => zod.zConfirmVerificationBody,
    send: (body) => confirmVerification({ body }),
  });
  const signedIn = phase === "active";
  const me = useAccount(signedIn && form.outcome === "invalid");
  const { advice, adviceSignedIn, ...texts } = t.verification;
  if (me?.email_verified_at) {
    return (
      <Entry key="verified" announced title={texts.done} text={texts.already(me.email)}>
        <ToApp />
      </Entry>
    );
  }
  return (
    <TokenPage
      form={form}
      texts={{ ...texts, advice: signedIn ? adviceSignedIn : advice }}
      done={<ToApp />}
      invalid={signedIn ? <VerifyAgain email={me?.email} /> : <ToApp />}
    />
  );
});

/** Reads the account after a link was refused, because links are often opened twice. */
function useAccount(wanted: boolean): User | undefined {
  const [user, setUser] = useState<User>();
  useEffect(() => {
    if (!wanted) return;
    getCurrentUser().then(
      ({ data }) => setUser(data),
      () => {}, // without it the page offers another link
    );
  }, [wanted]);
  return user;
}

/** Leads to the app, or to sign-in if there is no session. */
function ToApp() {
  const t = useTexts();
  const { phase } = useSession();
  return <ButtonLink href="/">{phase === "none" ? t.signIn.submit : t.links.toApp}</ButtonLink>;
}

const ButtonLink = ({ href, children }: { href: string; children: ReactNode }) => (
  <Button asChild>
    <EntryLink href={href}>{children}</EntryLink>
  </Button>
);

function VerifyAgain({ email = "" }: { email: string | undefined }) {
  const t = useTexts();
  const [sent, setSent] = useState(false);
  const submission = useSubmit({
    defaultValues: {},
    send: () => requestVerification(),
    onDone: () => setSent(true),
  });
  if (sent) {
    return (
      <>
        <Alert>{t.verification.sent(email)}</Alert>
        <ToApp />
      </>
    );
  }
  return (
    <Form submission={submission}>
      <SubmitButton submission={submission}>{t.verification.again}</SubmitButton>
    </Form>
  );
}

export function ForgotPassword() {
  const t = useTexts();
  const [sentTo, setSentTo] = useState("");
  const submission = useSubmit({
    defaultValues: { email: "" },
    schema: (zod) => zod.zRequestPasswordResetBody,
    send: (body) => requestPasswordReset({ body }),
    onDone: (form) => setSentTo(form.getValues("email")),
  });
  const back = <EntryLink href="/sign-in">{t.forgot.back}</EntryLink>;
  if (sentTo) {
    return (
      <Entry key="sent" announced title={t.forgot.sent} text={t.forgot.sentText(sentTo)} other={back}>
        <Button variant="outline" onClick={() => setSentTo("")}>
          {t.forgot.again}
        </Button>
      </Entry>
    );
  }
  return (
    <Entry title={t.forgot.title} text={t.forgot.text} other={back}>
      <Form submission={submission}>
        <TextField name="email" label={t.email} type="email" autoComplete="username" required autoFocus />
        <SubmitButton submission={submission}>{t.forgot.submit}</SubmitButton>
      </Form>
    </Entry>
  );
}

/** Without a token it asks for a link: mails about changes lead there. */
export const ResetPassword = withToken(({ token }) => (token ? <NewPassword token={token} /> : <ForgotPassword />));

function NewPassword({ token }: { token: string }) {
  const t = useTexts();
  const form = useTokenForm({
    defaultValues: { token, password: "" },
    newPassword: "password",
    schema: (zod) => zod.zConfirmPasswordResetBody,
    send: (body) => confirmPasswordReset({ body }).then(checkSession),
  });
  return (
    <TokenPage
      form={form}
      texts={t.reset}
      done={<Button onClick={session.leave}>{t.signIn.submit}</Button>}
      invalid={<ButtonLink href="/forgot-password">{t.forgot.submit}</ButtonLink>}
    >
      <NewPasswordField label={t.newPassword} autoFocus />
    </TokenPage>
  );
}

/** Notices that the session of this browser has ended, if it was one of the account. */
async function checkSession() {
  if (await client.session.isActive()) await getCurrentUser().catch(() => {});
}

export const ConfirmEmail = withToken(({ token }) => {
  const t = useTexts();
  const form = useTokenForm({
    defaultValues: { token },
    schema: (zod) => zod.zConfirmEmailChangeBody,
    send: (body) => confirmEmailChange({ body }),
  });
  return (
    <TokenPage
      form={form}
      texts={t.emailChange}
      done={<ToApp />}
      invalid={<ButtonLink href="/settings/email">{t.emailChange.settings}</ButtonLink>}
    />
  );
});

export const UndoEmailChange = withToken(({ token }) => {
  const t = useTexts();
  const form = useTokenForm({
    defaultValues: { token },
    schema: (zod) => zod.zUndoEmailChangeBody,
    send: (body) => undoEmailChange({ body }).then(checkSession),
  });
  const reset = (text: string) => <ButtonLink href="/forgot-password">{text}</ButtonLink>;
  return (
    <TokenPage form={form} texts={t.emailUndo} done={reset(t.settings.email.resend)} invalid={reset(t.forgot.title)} />
  );
});
