import { type ComponentType, lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Unloadable } from "@/components/message";
import { startLanguage } from "@/i18n";
import { usePath } from "@/lib/path";
import { session, useSession } from "@/session";
import "@/styles.css";

// Visitors get a small page: the router, the queries and the pages of the app are loaded for users.
const Visitors = lazy(() => import("@/pages/visitors"));
const App = lazy(() => import("@/router"));

// The pages that links in mails open are the same for visitors and users.
const link = (name: keyof typeof import("@/pages/links")) =>
  lazy(async () => ({ default: (await import("@/pages/links"))[name] }));
const links: Record<string, ComponentType> = {
  "/verify": link("Verify"),
  "/forgot-password": link("ForgotPassword"),
  "/reset-password": link("ResetPassword"),
  "/confirm-email": link("ConfirmEmail"),
  "/undo-email-change": link("UndoEmailChange"),
  "/accept-invitation": lazy(() => import("@/pages/acceptance")), // scaffold:only invitations
};

function Root() {
  const { phase, count } = useSession();
  const Link = links[usePath()];
  return (
    <Unloadable>
      <Suspense>{Link ? <Link /> : phase === "none" ? <Visitors /> : <App key={count} />}</Suspense>
    </Unloadable>
  );
}

await Promise.all([startLanguage(), session.start()]);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
