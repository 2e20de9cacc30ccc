import { acceptInvitation } from "@plinth/client";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { EntryLink } from "@/components/entry";
import { TokenPage, useTokenForm, withToken } from "@/components/token-page";
import { Button } from "@/components/ui/controls";
import { NewPasswordField, TextField } from "@/form";
import { useTexts } from "@/i18n";
import { open } from "@/lib/path";
import { useSession } from "@/session";

/** Creates the account of an invitation, and signs in. */
export default withToken(function Acceptance({ token }) {
  const t = useTexts();
  const { phase } = useSession();
  const [signedIn] = useState(phase !== "none");
  const form = useTokenForm({
    defaultValues: { token, name: "", password: "" },
    newPassword: "password",
    schema: (zod) => zod.zAcceptInvitationBody,
    body: ({ name, ...body }) => ({ ...body, name: name.trim() || null }),
    send: async (body) => {
      await acceptInvitation({ body });
      open("/", { replace: true });
    },
  });
  return (
    <TokenPage
      form={form}
      texts={t.acceptance}
      invalid={
        <Button asChild>
          <EntryLink href="/">{signedIn ? t.links.toApp : t.signIn.submit}</EntryLink>
        </Button>
      }
    >
      {signedIn && <Alert>{t.acceptance.signedIn}</Alert>}
      <TextField name="name" label={t.name} autoComplete="name" hint={t.acceptance.nameHint} autoFocus />
      <NewPasswordField label={t.password} />
    </TokenPage>
  );
});
