import { NetworkError, ProblemError } from "@plinth/client";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { unreachable } from "@/api";
import { Form, hasUnsaved, SubmitButton, TextField, useSubmit } from "@/form";

function Registration({ send, onDone }: { send: (body: object) => Promise<unknown>; onDone?: () => void }) {
  const submission = useSubmit({
    defaultValues: { email: "", password: "" },
    newPassword: "password",
    schema: (zod) => zod.zRegisterUserBody,
    send,
    onDone: (form) => {
      form.reset(form.getValues());
      onDone?.();
    },
    guard: true,
  });
  return (
    <Form submission={submission}>
      <TextField name="email" label="E-mail" required />
      <TextField name="password" label="Password" type="password" required />
      <SubmitButton submission={submission}>Register</SubmitButton>
    </Form>
  );
}

const problem = (code: string, errors: object[] = []) =>
  new ProblemError({
    code,
    errors,
    status: 422,
    title: "",
    detail: "From the API.",
    type: "",
    instance: "",
    request_id: "",
  } as never);

async function submit(email: string, password: string) {
  await userEvent.type(screen.getByLabelText(/E-mail/), email);
  await userEvent.type(screen.getByLabelText(/^Password/), password);
  await userEvent.click(screen.getByRole("button", { name: "Register" }));
}

test("the contract's schema refuses values, and the most telling error is shown", async () => {
  const send = vi.fn();
  render(<Registration send={send} />);
  await submit("nope", "short");
  expect(await screen.findByText("Enter an e-mail address, such as ada@example.com.")).toBeTruthy();
  expect(screen.getByText("Enter at least 15 characters.")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByLabelText(/E-mail/));
  expect(send).not.toHaveBeenCalled();
});

test("the API's errors are shown beside their fields, and the input stays", async () => {
  const errors = [{ pointer: "/password", code: "too_short", detail: "Must have at least 20 characters." }];
  render(<Registration send={() => Promise.reject(problem("validation_failed", errors))} />);
  await submit("ada@example.com", "fifteen letters");
  const field = screen.getByLabelText(/^Password/);
  await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
  expect(screen.getByText("Enter at least 20 characters.").id).toBe(field.getAttribute("aria-describedby"));
  expect(document.activeElement).toBe(field);
  expect(screen.getByDisplayValue("ada@example.com")).toBeTruthy();
});

test("a problem that implies a field is shown there, others above the form", async () => {
  const send = vi.fn().mockRejectedValueOnce(problem("email_taken")).mockRejectedValueOnce(problem("a_new_code"));
  render(<Registration send={send} />);
  await submit("ada@example.com", "a password of tests");
  expect(await screen.findByText("Another account has this e-mail.")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  await userEvent.type(screen.getByLabelText(/E-mail/), "x");
  await userEvent.click(screen.getByRole("button", { name: "Register" }));
  expect((await screen.findByRole("alert")).textContent).toBe("From the API.");
});

test("a network error marks the API as unreachable", async () => {
  render(<Registration send={() => Promise.reject(new NetworkError(new TypeError("Failed to fetch")))} />);
  await submit("ada@example.com", "a password of tests");
  expect((await screen.findByRole("alert")).textContent).toMatch(/The service cannot be reached/);
  expect(unreachable.get()).toBe(true);
});

test("unsaved values are guarded until they are saved", async () => {
  const onDone = vi.fn();
  render(<Registration send={() => Promise.resolve()} onDone={onDone} />);
  expect(hasUnsaved()).toBe(false);
  await userEvent.type(screen.getByLabelText(/E-mail/), "ada@example.com");
  expect(hasUnsaved()).toBe(true);
  await userEvent.type(screen.getByLabelText(/^Password/), "a password of tests");
  await userEvent.click(screen.getByRole("button", { name: "Register" }));
  await waitFor(() => expect(onDone).toHaveBeenCalled());
  await waitFor(() => expect(hasUnsaved()).toBe(false));
});
