import { loginUser, registerUser } from "@plinth/client";
import { type ReactNode, useSyncExternalStore } from "react";
import { passwordMinLength } from "@/api";
import { Entry } from "@/components/entry";
import { Form, SubmitButton, TextField, useSubmit } from "@/form";
import { useTexts } from "@/i18n";

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
        <Other to="/register" text={t.signIn.other}>
          {t.register.title}
        </Other>
      }
    >
      <Form submission={submission}>
        <TextField name="email" label={t.email} type="email" autoComplete="username" required autoFocus />
        <TextField name="password" label={t.password} type="password" autoComplete="current-password" required />
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
        <Other to="/sign-in" text={t.register.other}>
          {t.signIn.title}
        </Other>
      }
    >
      <Form submission={submission}>
        <TextField name="name" label={t.name} autoComplete="name" autoFocus />
        <TextField name="email" label={t.email} type="email" autoComplete="username" required />
        <TextField
          name="password"
          label={t.password}
          type="password"
          autoComplete="new-password"
          hint={t.passwordHint(passwordMinLength)}
          required
        />
        <SubmitButton submission={submission}>{t.register.submit}</SubmitButton>
      </Form>
    </Entry>
  );
}

function Other({ to, text, children }: { to: string; text: string; children: ReactNode }) {
  const open = (event: React.MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  return (
    <>
      {text}{" "}
      <a href={to} onClick={open} className="font-medium text-foreground underline underline-offset-4">
        {children}
      </a>
    </>
  );
}

function usePath(): string {
  const subscribe = (listener: () => void) => {
    addEventListener("popstate", listener);
    return () => removeEventListener("popstate", listener);
  };
  return useSyncExternalStore(subscribe, () => location.pathname);
}
