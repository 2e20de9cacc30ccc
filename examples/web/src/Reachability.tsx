import { Alert, Container } from "@mantine/core";
import { getHealth, isNetworkError } from "@plinth/client";
import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client } from "./api";

const pause = 2_000;

/**
 * Shows a banner while the API cannot be reached, polls it, and refetches the page's queries when
 * it responds.
 */
export function Reachability() {
  const queryClient = useQueryClient();
  const [lost, setLost] = useState(!onlineManager.isOnline());

  useEffect(() => {
    const stops = [queryClient.getQueryCache(), queryClient.getMutationCache()].map((cache) =>
      cache.subscribe((event) => {
        if (event.type === "updated" && "error" in event.action && isNetworkError(event.action.error)) setLost(true);
      }),
    );
    stops.push(onlineManager.subscribe((online) => !online && setLost(true)));
    return () => stops.forEach((stop) => stop());
  }, [queryClient]);

  useEffect(() => {
    if (!lost) return;
    const timer = setInterval(async () => {
      if (!onlineManager.isOnline()) return;
      const { error } = await getHealth({ client, throwOnError: false }).catch((error: unknown) => ({ error }));
      if (isNetworkError(error)) return;
      setLost(false);
      void queryClient.refetchQueries({ type: "active" });
    }, pause);
    return () => clearInterval(timer);
  }, [lost, queryClient]);

  return (
    <Container size="md" role="status">
      {lost && (
        <Alert color="yellow" mt="md" title="You are offline">
          The API cannot be reached. This page reconnects automatically.
        </Alert>
      )}
    </Container>
  );
}
