import {
  ActionIcon,
  Avatar,
  Group,
  Menu,
  NativeSelect,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  clearUserThrottle,
  revokeUserSessions,
  updateUser,
  type UpdateUserRequest,
  type User,
  type UserRole,
} from "@plinth/client";
import { listUsersInfiniteOptions } from "@plinth/client/query";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../api";
import { Empty, Failure, Loading, More, notify, notifyError, Page, Sheet, Time } from "../ui";

export function Users() {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 250);
  const options = listUsersInfiniteOptions({ client, query: search ? { search } : {} });
  const users = useInfiniteQuery({ ...options, placeholderData: (before) => before });
  const found = users.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Users"
      aside={
        <TextInput
          type="search"
          aria-label="Search by name or e-mail"
          placeholder="Search by name or e-mail"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
          w={260}
        />
      }
    >
      {users.isPending && <Loading />}
      {users.isError && <Failure error={users.error} retry={() => users.refetch()} />}
      {users.isSuccess && found.length === 0 && (
        <Empty title="No matches" text={`No name or e-mail contains “${search}”.`} />
      )}
      {found.length > 0 && (
        <Sheet title="Users" minWidth={620}>
          <Table verticalSpacing="sm" aria-label="Users">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Account</Table.Th>
                <Table.Th>Registered</Table.Th>
                <Table.Th>Role</Table.Th>
                <Table.Th>Active</Table.Th>
                <Table.Th aria-label="Actions" />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.map((user) => (
                <Row key={user.id} user={user} />
              ))}
            </Table.Tbody>
          </Table>
        </Sheet>
      )}
      <More query={users} />
    </Page>
  );
}

function Row({ user }: { user: User }) {
  const queryClient = useQueryClient();
  const act = useMutation({
    mutationFn: ({ action }: { action: () => Promise<unknown>; done: string }) => action(),
    onSuccess: (_, { done }) => notify(done),
    onError: notifyError,
    onSettled: () => queryClient.invalidateQueries(),
  });
  const path = { id: user.id };
  const change = (body: UpdateUserRequest) =>
    act.mutate({ action: () => updateUser({ client, path, body }), done: `${user.email} updated.` });
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <Avatar name={user.name ?? user.email} size={34} color="blue" aria-hidden />
          <Stack gap={0}>
            <Text size="sm" fw={600}>
              {user.name ?? "No name"}
            </Text>
            <Text size="xs" c="dimmed">
              {user.email}
            </Text>
          </Stack>
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm">
          <Time value={user.created_at} />
        </Text>
      </Table.Td>
      <Table.Td>
        <NativeSelect
          aria-label={`Role of ${user.email}`}
          size="xs"
          data={["user", "admin"] satisfies UserRole[]}
          value={user.role}
          disabled={act.isPending}
          onChange={(event) => change({ role: event.currentTarget.value as UserRole })}
        />
      </Table.Td>
      <Table.Td>
        <Switch
          aria-label={`${user.email} is active`}
          checked={user.is_active}
          disabled={act.isPending}
          onChange={(event) => change({ is_active: event.currentTarget.checked })}
        />
      </Table.Td>
      <Table.Td>
        <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${user.email}`}>
              <span aria-hidden>⋯</span>
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                act.mutate({
                  action: () => revokeUserSessions({ client, path }),
                  done: `All sessions of ${user.email} ended.`,
                })
              }
            >
              End all sessions
            </Menu.Item>
            <Menu.Item
              onClick={() =>
                act.mutate({
                  action: () => clearUserThrottle({ client, path }),
                  done: `Failed sign-ins of ${user.email} reset.`,
                })
              }
            >
              Reset failed sign-ins
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
