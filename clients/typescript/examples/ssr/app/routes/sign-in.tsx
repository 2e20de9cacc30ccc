import { errorMessage, isProblem, loginUser } from "@plinth/client";
import { Form, redirect } from "react-router";
import { clientContext } from "../session.server";
import type { Route } from "./+types/sign-in";

export async function action({ request, context }: Route.ActionArgs) {
  const form = await request.formData();
  const body = { email: String(form.get("email")), password: String(form.get("password")) };
  try {
    await loginUser({ client: context.get(clientContext), body });
  } catch (error) {
    if (!isProblem(error)) throw error;
    return errorMessage(error);
  }
  return redirect("/");
}

export default function SignIn({ actionData }: Route.ComponentProps) {
  return (
    <Form method="post">
      <h1>Sign in</h1>
      {actionData && <p role="alert">{actionData}</p>}
      <label>
        E-mail <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
    </Form>
  );
}
