import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { startLanguage } from "@/i18n";
import { session, useSession } from "@/session";
import "@/styles.css";

// Visitors get a small page: the router, the queries and the pages of the app are loaded for users.
const Visitors = lazy(() => import("@/pages/visitors"));
const App = lazy(() => import("@/router"));

function Root() {
  const { phase, count } = useSession();
  return <Suspense>{phase === "none" ? <Visitors /> : <App key={count} />}</Suspense>;
}

await Promise.all([startLanguage(), session.start()]);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
