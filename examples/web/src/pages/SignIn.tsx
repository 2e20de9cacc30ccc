import { Alert, Anchor, Button, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { loginUser, registerUser } from "@plinth/client";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { client, passwordHint } from "../api";
import { Brand, ColorScheme } from "../Layout";
import { explain } from "../ui";
import { useSubmit } from "../useSubmit";

export function SignIn() {
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "", password: "" } });
  const { onSubmit, busy, failure } = useSubmit(form, (body) => loginUser({ client, body }));
  return (
    <Card title="Sign in" failure={failure} other={<Choice text="No account yet?" to="/register" label="Register" />}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <TextInput label="E-mail" type="email" autoComplete="username" {...form.getInputProps("email")} />
          <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps("password")} />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Sign in
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

export function Register() {
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "", name: "", password: "" } });
  const { onSubmit, busy, failure } = useSubmit(form, ({ name, ...body }) =>
    registerUser({ client, body: { ...body, name: name.trim() || null } }),
  );
  return (
    <Card
      title="Register"
      failure={failure}
      other={<Choice text="Already registered?" to="/sign-in" label="Sign in" />}
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <TextInput label="E-mail" type="email" autoComplete="username" {...form.getInputProps("email")} />
          <TextInput label="Name" description="Optional" autoComplete="name" {...form.getInputProps("name")} />
          <PasswordInput
            label="Password"
            description={passwordHint}
            autoComplete="new-password"
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Register
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

interface CardProps {
  title: string;
  failure: unknown;
  other: ReactNode;
  children: ReactNode;
}

function Card({ title, failure, other, children }: CardProps) {
  return (
    <main className="door">
      <title>{`${title} · Plinth`}</title>
      <Group justify="space-between">
        <Brand />
        <ColorScheme />
      </Group>
      <Paper withBorder radius="md" p="xl" shadow="sm">
        <Title order={1} size="h2" mb="lg">
          {title}
        </Title>
        {failure ? (
          <Alert color="red" mb="md" role="alert">
            {explain(failure)}
          </Alert>
        ) : null}
        {children}
      </Paper>
      {other}
    </main>
  );
}

function Choice({ text, to, label }: { text: string; to: string; label: string }) {
  return (
    <Text ta="center" size="sm">
      {text}{" "}
      <Anchor component={Link} to={to} underline="always">
        {label}
      </Anchor>
    </Text>
  );
}
