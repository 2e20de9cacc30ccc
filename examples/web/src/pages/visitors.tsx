import { loginUser, registerUser } from "@plinth/client";
import { sendsMails } from "@/api";
import { Entry, EntryLink } from "@/components/entry";
import { Form, NewPasswordField, SubmitButton, TextField, useSubmit } from "@/form";
import { useTexts } from "@/i18n";
import { usePath } from "@/lib/path";

/**
 * The pages for visitors. They have no router, to be small. Sign-in is at every address but those of
 * the others: the session that it starts opens the page at the address.
 */
export default function Visitors() {
  return usePath() === "/register" ? <Register /> : <SignIn />;
}

function SignIn() {
  const t = useTexts();
  const submission = useSubmit({
    defaultValues: { email: "", password: "" },
    schema: (zod) => zod.zLoginUserBody,
    send: (body) => loginUser({ body }),
  });
  return (
    <Entry
      title={t.signIn.title}
      text={t.signIn.text}
      other={
        <>
          {t.signIn.other} <EntryLink href="/register">{t.register.title}</EntryLink>
        </>
      }
    >
      <Form submission={submission}>
        <TextField name="email" label={t.email} type="email" autoComplete="username" required autoFocus />
        <TextField name="password" label={t.password} type="password" autoComplete="current-password" required />
        {sendsMails && (
          <p className="-mt-2 text-right text-sm">
            <EntryLink href="/forgot-password">{t.forgot.link}</EntryLink>
          </p>
        )}
        <SubmitButton submission={submission}>{t.signIn.submit}</SubmitButton>
      </Form>
    </Entry>
  );
}

function Register() {
  const t = useTexts();
  const submission = useSubmit({
    defaultValues: { name: "", email: "", password: "" },
    newPassword: "password",
    schema: (zod) => zod.zRegisterUserBody,
    body: ({ name, ...body }) => ({ ...body, name: name.trim() || null }),
    send: (body) => registerUser({ body }),
  });
  return (
    <Entry
      title={t.register.title}
      text={t.register.text}
      other={
        <>
          {t.register.other} <EntryLink href="/sign-in">{t.signIn.title}</EntryLink>
        </>
      }
    >
      <Form submission={submission}>
        <TextField name="name" label={t.name} autoComplete="name" autoFocus />
        <TextField name="email" label={t.email} type="email" autoComplete="username" required />
        <NewPasswordField label={t.password} />
        <SubmitButton submission={submission}>{t.register.submit}</SubmitButton>
      </Form>
    </Entry>
  );
}
