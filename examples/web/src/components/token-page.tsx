import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import type { Path } from "react-hook-form";
import { Entry } from "@/components/entry";
import { Form, type Submission, SubmitButton, type SubmitOptions, useSubmit } from "@/form";
import { useTexts } from "@/i18n";

/** Gives a page the token of the link that opened it. Without one the token is empty. */
export const withToken = (Page: ComponentType<{ token: string }>) =>
  function WithToken() {
    const token = useToken();
    return <Page key={token} token={token} />;
  };

/** Takes the token out of the address bar, so that it is neither seen nor kept in the history. */
function useToken(): string {
  const [token, setToken] = useState(tokenOfAddress);
  useEffect(() => {
    const take = () => {
      const next = tokenOfAddress();
      if (!next) return;
      setToken(next);
      history.replaceState(null, "", location.pathname);
    };
    take();
    addEventListener("hashchange", take); // the link of another mail, in the same tab
    return () => removeEventListener("hashchange", take);
  }, []);
  return token;
}

const tokenOfAddress = () => new URLSearchParams(location.hash.slice(1)).get("token") ?? "";

interface TokenForm {
  submission: Submission<never>;
  outcome: "done" | "invalid" | undefined;
}

/** Makes the form of a page that sends a token. Programs that scan mails open pages, but submit no form. */
export function useTokenForm<Values extends { token: string }, Body = Values>(
  options: SubmitOptions<Values, Body> & { defaultValues: { token: string } },
): TokenForm {
  const [done, setDone] = useState(false);
  const submission = useSubmit<Values, Body>({
    ...options,
    codes: { invalid_one_time_token: "token" as Path<Values> },
    onDone: () => setDone(true),
  });
  const invalid = !options.defaultValues.token || "token" in submission.form.formState.errors;
  return { submission: submission as never, outcome: done ? "done" : invalid ? "invalid" : undefined };
}

interface TokenPageProps {
  form: TokenForm;
  texts: { title: string; text: string; submit: string; done?: string; doneText?: string; advice: string };
  /** The fields of the form. */
  children?: ReactNode;
  /** What to do after a success; absent if the page then leaves. */
  done?: ReactNode;
  /** What to do if the link is not valid. */
  invalid: ReactNode;
}

/** A page that asks, sends the token of a link, and says what became of it. */
export function TokenPage({ form: { submission, outcome }, texts, children, done, invalid }: TokenPageProps) {
  const t = useTexts();
  if (outcome === "done" && texts.done) {
    return (
      <Entry key="done" announced title={texts.done} text={texts.doneText}>
        {done}
      </Entry>
    );
  }
  if (outcome === "invalid") {
    return (
      <Entry key="invalid" announced title={t.links.invalid} text={`${t.links.why} ${texts.advice}`}>
        {invalid}
      </Entry>
    );
  }
  return (
    <Entry title={texts.title} text={texts.text}>
      <Form submission={submission}>
        {children}
        <SubmitButton submission={submission}>{texts.submit}</SubmitButton>
      </Form>
    </Entry>
  );
}
