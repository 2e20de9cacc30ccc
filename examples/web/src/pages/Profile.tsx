import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { deleteCurrentUser, isProblem, updateCurrentUser, type UpdateCurrentUserRequest } from "@plinth/client";
import { useQueryClient } from "@tanstack/react-query";
import { client, meOptions, passwordHint } from "../api";
import { useMe } from "../Layout";
import { Confirm, Failure, notify, Page, Section } from "../ui";
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

/** Identifies the account for password managers. */
const Username = () => <input autoComplete="username" value={useMe().email} readOnly hidden />;

/**
 * Returns a function that updates the displayed version of the account. After a concurrent change
 * it reloads the account and rejects.
 */
function useChange(done: string) {
  const me = useMe();
  const queryClient = useQueryClient();
  return async (body: UpdateCurrentUserRequest) => {
    try {
      const { data, response } = await updateCurrentUser({ client, headers: { "If-Match": me.version }, body });
      queryClient.setQueryData(meOptions.queryKey, { ...data, version: response.headers.get("ETag") ?? "*" });
      notify(done);
    } catch (error) {
      if (isProblem(error, "precondition_failed")) await queryClient.invalidateQueries(meOptions);
      throw error;
    }
  };
}

function NameForm() {
  const { name } = useMe();
  const change = useChange("Name saved.");
  const form = useForm({ name: "name", initialValues: { name: name ?? "" } });
  const { onSubmit, busy, failure } = useSubmit(form, (values) => change({ name: values.name.trim() || null }));
  const clear = () => {
    form.setValues({ name: "" });
    onSubmit();
  };
  return (
    <Section title="Name" text="How we address you. Optional.">
      <form onSubmit={onSubmit}>
        <Stack>
          {failure && <Failure error={failure} />}
          <TextInput
            label="Name"
            description={isProblem(failure, "precondition_failed") && `Saved value: ${name ?? "no name"}`}
            autoComplete="name"
            {...form.getInputProps("name")}
          />
          <Group>
            <Button type="submit" loading={busy}>
              Save name
            </Button>
            {name !== null && (
              <Button variant="default" onClick={clear} disabled={busy}>
                Clear
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
  const change = useChange("E-mail changed.");
  const form = useForm({ name: "email", mode: "uncontrolled", initialValues: { email, current_password: "" } });
  const { onSubmit, busy, failure } = useSubmit(form, async (values) => {
    await change(values);
    form.setFieldValue("current_password", "");
  });
  return (
    <Section title="E-mail" text="You sign in with it. Changing it requires your password.">
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          {failure && <Failure error={failure} />}
          <TextInput label="E-mail" type="email" autoComplete="email" {...form.getInputProps("email")} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps("current_password")} />
          <Group>
            <Button type="submit" loading={busy}>
              Change e-mail
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function PasswordForm() {
  const change = useChange("Password changed. All other sessions were ended.");
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
              Change password
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
    notify("Account deleted.");
  });
  return (
    <Section title="Delete account" text="This takes effect immediately and cannot be undone.">
      <Button color="red" variant="light" onClick={open}>
        Delete my account
      </Button>
      <Confirm opened={opened} onClose={close} title="Delete your account?">
        <form onSubmit={onSubmit} noValidate>
          <Stack>
            <Username />
            <Text size="sm">All your data will be deleted. This cannot be undone.</Text>
            {failure && <Failure error={failure} />}
            <PasswordInput
              label="Your password"
              autoComplete="current-password"
              data-autofocus
              {...form.getInputProps("current_password")}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button color="red" type="submit" loading={busy}>
                Delete permanently
              </Button>
            </Group>
          </Stack>
        </form>
      </Confirm>
    </Section>
  );
}
