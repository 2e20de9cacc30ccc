import { Code, NativeSelect, Table, Text } from "@mantine/core";
import type { AuditEvent, AuditEventType } from "@plinth/client";
import { listAuditEventsInfiniteOptions } from "@plinth/client/query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../api";
import { Empty, Failure, Loading, More, Page, Sheet, Time } from "../ui";

// The type makes this exhaustive: a new event in the contract is a compile error until it has a
// label.
const labels: Record<AuditEventType, string> = {
  authn_login_success: "Signed in",
  authn_login_fail: "Failed to sign in",
  authn_login_fail_max: "Exceeded the limit of failed sign-ins",
  authn_password_change: "Changed the password",
  authn_password_change_fail: "Failed to change the password",
  authn_reauthentication_fail: "Failed to confirm the password",
  authn_token_reuse: "Reused a refresh token",
  authn_token_repeat: "Repeated a refresh from another network",
  authz_change: "Changed the role",
  authz_fail: "Was denied access by role",
  audit_pruned: "Deleted old events",
  session_ended: "Ended a session",
  throttle_cleared: "Reset failed sign-ins",
  user_activated: "Activated an account",
  user_created: "Created an account",
  user_deactivated: "Deactivated an account",
  user_deleted: "Deleted an account",
  user_email_change: "Changed the e-mail",
  user_updated: "Changed an account",
};

export function Audit() {
  const [type, setType] = useState<AuditEventType | "">("");
  const events = useInfiniteQuery(listAuditEventsInfiniteOptions({ client, query: type ? { type } : {} }));
  const found = events.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Audit"
      aside={
        <NativeSelect
          aria-label="Event type"
          value={type}
          onChange={(event) => setType(event.currentTarget.value as AuditEventType | "")}
          data={[
            { value: "", label: "All events" },
            ...Object.entries(labels).map(([value, label]) => ({ value, label })),
          ]}
          w={260}
        />
      }
    >
      {events.isPending && <Loading />}
      {events.isError && <Failure error={events.error} retry={() => events.refetch()} />}
      {events.isSuccess && found.length === 0 && (
        <Empty title="No events" text="No event of this type has been recorded." />
      )}
      {found.length > 0 && (
        <Sheet title="Events" minWidth={720}>
          <Table aria-label="Events" verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Time</Table.Th>
                <Table.Th>Event</Table.Th>
                <Table.Th>Actor</Table.Th>
                <Table.Th>Target</Table.Th>
                <Table.Th>IP address</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.map((event) => (
                <Row key={event.id} event={event} />
              ))}
            </Table.Tbody>
          </Table>
        </Sheet>
      )}
      <More query={events} />
    </Page>
  );
}

function Row({ event }: { event: AuditEvent }) {
  return (
    <Table.Tr>
      <Table.Td className="firm">
        <Text size="sm">
          <Time value={event.occurred_at} />
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={600}>
          {labels[event.type] ?? event.type}
          {event.count > 1 && ` (${event.count} times)`}
        </Text>
        {event.detail && (
          <Text size="xs" c="dimmed">
            {event.detail.replaceAll("_", " ")}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Id value={event.actor_id} />
      </Table.Td>
      <Table.Td>
        <Id value={event.target_id} self={event.target_id === event.actor_id} />
      </Table.Td>
      <Table.Td>
        <Text size="sm">{event.ip ?? "–"}</Text>
      </Table.Td>
    </Table.Tr>
  );
}

function Id({ value, self }: { value: string | null; self?: boolean }) {
  if (value && !self) return <Code>{value}</Code>;
  return <Text size="sm" c="dimmed">{value ? "self" : "–"}</Text>;
}
