import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { deleteCurrentUser, isProblem, updateCurrentUser, type UpdateCurrentUserRequest } from "@plinth/client";
import { useQueryClient } from "@tanstack/react-query";
import { client, meOptions, passwordHint } from "../api";
import { useMe } from "../Layout";
import { Confirm, Failure, Page, Section, tell } from "../ui";
import { useSubmit } from "../useSubmit";

export function Profile() {
  return (
    <Page title="Profile">
      <NameForm />
      <EmailForm />
      <PasswordForm />
      <Deletion />
    </Page>
  );
}

/** Tells password managers whose password it is. */
const Username = () => <input autoComplete="username" value={useMe().email} readOnly hidden />;

/** Changes the version of the account that is on the screen. If it has changed elsewhere, nothing is overwritten unseen. */
function useChange(done: string) {
  const me = useMe();
  const queryClient = useQueryClient();
  return async (body: UpdateCurrentUserRequest) => {
    try {
      const { data, response } = await updateCurrentUser({ client, headers: { "If-Match": me.version }, body });
      queryClient.setQueryData(meOptions.queryKey, { ...data, version: response.headers.get("ETag") ?? "*" });
      tell(done);
    } catch (error) {
      if (isProblem(error, "precondition_failed")) await queryClient.invalidateQueries(meOptions);
      throw error;
    }
  };
}

function NameForm() {
  const { name } = useMe();
  const change = useChange("Your name is saved.");
  const form = useForm({ name: "name", initialValues: { name: name ?? "" } });
  const { onSubmit, busy, failure } = useSubmit(form, (values) => change({ name: values.name.trim() || null }));
  const clear = () => {
    form.setValues({ name: "" });
    onSubmit();
  };
  return (
    <Section title="Name" text="How we call you. Leave it empty if you would rather not say.">
      <form onSubmit={onSubmit}>
        <Stack>
          {failure && <Failure error={failure} />}
          <TextInput
            label="Name"
            description={isProblem(failure, "precondition_failed") && `Saved is: ${name ?? "no name"}`}
            autoComplete="name"
            {...form.getInputProps("name")}
          />
          <Group>
            <Button type="submit" loading={busy}>
              Save the name
            </Button>
            {name !== null && (
              <Button variant="default" onClick={clear} disabled={busy}>
                Clear it
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function EmailForm() {
  const { email } = useMe();
  const change = useChange("Your e-mail is changed.");
  const form = useForm({ name: "email", mode: "uncontrolled", initialValues: { email, current_password: "" } });
  const { onSubmit, busy, failure } = useSubmit(form, async (values) => {
    await change(values);
    form.setFieldValue("current_password", "");
  });
  return (
    <Section title="E-mail" text="You sign in with it. Changing it needs your password.">
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          {failure && <Failure error={failure} />}
          <TextInput label="E-mail" type="email" autoComplete="email" {...form.getInputProps("email")} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps("current_password")} />
          <Group>
            <Button type="submit" loading={busy}>
              Change the e-mail
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function PasswordForm() {
  const change = useChange("Your password is changed. All your other sessions have ended.");
  const form = useForm({
    name: "password",
    mode: "uncontrolled",
    initialValues: { current_password: "", password: "" },
  });
  const { onSubmit, busy, failure } = useSubmit(form, async (values) => {
    await change(values);
    form.reset();
  });
  return (
    <Section title="New password" text="Signs you out everywhere else.">
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <Username />
          {failure && <Failure error={failure} />}
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            {...form.getInputProps("current_password")}
          />
          <PasswordInput
            label="New password"
            description={passwordHint}
            autoComplete="new-password"
            {...form.getInputProps("password")}
          />
          <Group>
            <Button type="submit" loading={busy}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Deletion() {
  const [opened, { open, close }] = useDisclosure();
  const form = useForm({ name: "deletion", mode: "uncontrolled", initialValues: { current_password: "" } });
  const { onSubmit, busy, failure } = useSubmit(form, async (body) => {
    await deleteCurrentUser({ client, body });
    tell("Your account is deleted.");
  });
  return (
    <Section title="Delete the account" text="For good, and at once.">
      <Button color="red" variant="light" onClick={open}>
        Delete my account
      </Button>
      <Confirm opened={opened} onClose={close} title="Delete your account?">
        <form onSubmit={onSubmit} noValidate>
          <Stack>
            <Username />
            <Text size="sm">All your data goes with it. This cannot be undone.</Text>
            {failure && <Failure error={failure} />}
            <PasswordInput
              label="Your password"
              autoComplete="current-password"
              data-autofocus
              {...form.getInputProps("current_password")}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Keep it
              </Button>
              <Button color="red" type="submit" loading={busy}>
                Delete for good
              </Button>
            </Group>
          </Stack>
        </form>
      </Confirm>
    </Section>
  );
}
