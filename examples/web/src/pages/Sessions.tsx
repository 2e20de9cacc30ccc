import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { logoutAllSessions, revokeCurrentUserSession, type Session } from "@plinth/client";
import { listCurrentUserSessionsOptions } from "@plinth/client/query";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { client } from "../api";
import { Confirm, Failure, Loading, notify, notifyError, Page, Time } from "../ui";

const options = listCurrentUserSessionsOptions({ client });

export function Sessions() {
  const sessions = useQuery(options);
  return (
    <Page title="Sessions" aside={<EndAll />}>
      <Text c="dimmed" size="sm" mt={-12}>
        Where you are signed in. Ending a session takes effect immediately.
      </Text>
      {sessions.isPending && <Loading />}
      {sessions.isError && <Failure error={sessions.error} retry={() => sessions.refetch()} />}
      <Stack component="ul" className="plain" gap="sm">
        {sessions.data?.items.map((session) => (
          <Item key={session.id} session={session} />
        ))}
      </Stack>
    </Page>
  );
}

function Item({ session }: { session: Session }) {
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: () => revokeCurrentUserSession({ client, path: { id: session.id } }),
    onSuccess: () => notify("Session ended."),
    onError: notifyError,
    onSettled: () => queryClient.invalidateQueries(options),
  });
  const device = session.user_agent || "Unknown program";
  return (
    <Paper withBorder radius="md" p="md" component="li">
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={2} miw={0}>
          <Group gap="xs">
            <Text fw={600}>{program(device)}</Text>
            {session.current && <Badge variant="light">this session</Badge>}
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {device}
          </Text>
          <Text size="xs" c="dimmed">
            {session.ip ?? "unknown address"} · since <Time value={session.created_at} /> · last used{" "}
            <Time value={session.last_used_at} />
            {session.last_ip !== session.ip && ` from ${session.last_ip ?? "an unknown address"}`}
          </Text>
        </Stack>
        {!session.current && (
          <Button
            variant="default"
            size="xs"
            className="firm"
            loading={end.isPending}
            onClick={() => end.mutate()}
            aria-label={`End session of ${program(device)} since ${session.created_at}`}
          >
            End
          </Button>
        )}
      </Group>
    </Paper>
  );
}

/** Returns a short name of the browser; the full user agent is shown below it. */
function program(userAgent: string): string {
  const name = userAgent.match(/(Firefox|Edg|OPR|Chrome|Safari|curl|node)/)?.[0] ?? userAgent.split(/[/ ]/)[0];
  const system = userAgent.match(/(Windows|Android|iPhone|iPad|Mac OS X|Linux)/)?.[0];
  return system ? `${name} on ${system}` : String(name);
}

function EndAll() {
  const [opened, { open, close }] = useDisclosure();
  const end = useMutation({ mutationFn: () => logoutAllSessions({ client }) });
  return (
    <>
      <Button variant="light" color="red" size="xs" onClick={open}>
        End all sessions
      </Button>
      <Confirm opened={opened} onClose={close} title="End all sessions?">
        <Stack>
          <Text size="sm">You will have to sign in again on this device too.</Text>
          {end.isError && <Failure error={end.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button color="red" loading={end.isPending} onClick={() => end.mutate()} data-autofocus>
              End all
            </Button>
          </Group>
        </Stack>
      </Confirm>
    </>
  );
}
