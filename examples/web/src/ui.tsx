import { Alert, Button, Group, Modal, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { isNetworkError, isProblem } from "@plinth/client";
import { useEffect, useRef, type ReactNode } from "react";

/** Says what went wrong, to people. */
export function explain(error: unknown): string {
  if (isNetworkError(error)) return "The API cannot be reached. Check your connection and try again.";
  if (!isProblem(error)) return "Something went wrong on this page. Reload it and try again.";
  if (error.retryAfter) return `${error.detail} (In ${waiting(error.retryAfter)}.)`;
  return error.status >= 500 ? `${error.detail} (Request ${error.request_id}.)` : error.detail;
}

const waiting = (seconds: number) => (seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" title="That did not work" role="alert">
      <Stack gap="sm" align="start">
        <Text size="sm">{explain(error)}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** A page's heading, and what is below it. */
export function Page({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Stack gap="lg">
      <title>{`${title} · Plinth`}</title>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Stack>
  );
}

export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Paper withBorder p="lg" radius="md" component="section" aria-label={title} className="section">
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        {text && (
          <Text c="dimmed" size="sm" mt={4}>
            {text}
          </Text>
        )}
      </div>
      <div>{children}</div>
    </Paper>
  );
}

/** What a table lies on; on a narrow screen it scrolls sideways in it. */
export function Sheet({ minWidth, children }: { minWidth: number; children: ReactNode }) {
  return (
    <Paper withBorder radius="md" className="sheet">
      <Table.ScrollContainer minWidth={minWidth}>{children}</Table.ScrollContainer>
    </Paper>
  );
}

export function Empty({ title, text }: { title: string; text: string }) {
  return (
    <Stack align="center" gap={4} py={48}>
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" size="sm">
        {text}
      </Text>
    </Stack>
  );
}

interface ConfirmProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}

/** A question that has to be answered. The policy of the page forbids Mantine's way of locking the scroll. */
export function Confirm({ opened, onClose, title, children }: ConfirmProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<b>{title}</b>}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {children}
    </Modal>
  );
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function Time({ value }: { value: string }) {
  return <time dateTime={value}>{format.format(new Date(value))}</time>;
}

/** What is at the end of a list that goes on: it loads more when it is scrolled to, or pressed. */
export function More({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetchNextPage(), {
      rootMargin: "200px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <Group justify="center" ref={end} py="md">
      <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
        Load more
      </Button>
    </Group>
  );
}
