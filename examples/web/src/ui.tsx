import { Alert, Button, Group, Modal, Paper, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { isNetworkError, isProblem } from "@plinth/client";
import { Component, useEffect, useRef, type ReactNode } from "react";

/** Returns an error message for the user. */
export function explain(error: unknown): string {
  if (isNetworkError(error)) return "The API cannot be reached. Check your connection and try again.";
  if (!isProblem(error)) return "This page could not be displayed. Reload it and try again.";
  if (error.retryAfter) return `${error.detail} (Try again in ${waiting(error.retryAfter)}.)`;
  return error.status >= 500 ? `${error.detail} (Request ID: ${error.request_id})` : error.detail;
}

const waiting = (seconds: number) => (seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);

const closable = { closeButtonProps: { "aria-label": "Close" } };

/** Shows a notification of a success. */
export const notify = (message: string) => notifications.show({ ...closable, color: "green", message });

/** Shows an error until it is closed. */
export const notifyError = (error: unknown) =>
  notifications.show({ ...closable, color: "red", title: "Something went wrong", message: explain(error), autoClose: false });

export const warn = (title: string, message: string) => notifications.show({ ...closable, color: "yellow", title, message });

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" title="Something went wrong" role="alert">
      <Stack gap="sm" align="start">
        <Text size="sm">{explain(error)}</Text>
        {retry && !isProblem(error, "forbidden") && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Replaces a page that throws or cannot be loaded. */
export class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  static getDerivedStateFromError = (error: unknown) => ({ error });
  override state: { error?: unknown } = {};
  override render() {
    const { error } = this.state;
    return error ? <Failure error={error} retry={() => location.reload()} /> : this.props.children;
  }
}

export const Loading = () => <Skeleton height={240} role="status" aria-busy aria-label="Loading" />;

/** A page with its title and heading. */
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

/** A frame for a table; on narrow screens it scrolls sideways, also by keyboard. */
export function Sheet({ title, minWidth, children }: { title: string; minWidth: number; children: ReactNode }) {
  return (
    <Paper withBorder radius="md" className="sheet">
      <Table.ScrollContainer type="native" minWidth={minWidth} role="region" aria-label={title} tabIndex={0}>
        {children}
      </Table.ScrollContainer>
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

/** A modal dialog. Mantine's scroll lock injects styles, which the Content-Security-Policy blocks. */
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

/** Loads the next page when it is scrolled into view or pressed. */
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
