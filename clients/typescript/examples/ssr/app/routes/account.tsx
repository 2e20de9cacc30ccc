import { getCurrentUser, isProblem, listCurrentUserSessions } from "@plinth/client";
import { Form, redirect } from "react-router";
import { clientContext } from "../session.server";
import type { Route } from "./+types/account";

export async function loader({ context }: Route.LoaderArgs) {
  const client = context.get(clientContext);
  try {
    const [user, sessions] = await Promise.all([getCurrentUser({ client }), listCurrentUserSessions({ client })]);
    return { user: user.data, sessions: sessions.data.items };
  } catch (error) {
    if (isProblem(error, "unauthenticated", "invalid_token")) throw redirect("/sign-in");
    throw error;
  }
}

/** Signs out. */
export async function action({ context }: Route.ActionArgs) {
  await context.get(clientContext).session.logout();
  return redirect("/sign-in");
}

export default function Account({ loaderData: { user, sessions } }: Route.ComponentProps) {
  return (
    <>
      <h1>{user.name ?? user.email}</h1>
      <ul>
        {sessions.map(({ id, user_agent }) => (
          <li key={id}>{user_agent}</li>
        ))}
      </ul>
      <Form method="post">
        <button type="submit">Sign out</button>
      </Form>
    </>
  );
}
