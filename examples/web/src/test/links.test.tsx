import { setDefaultClient } from "@plinth/client";
import { MockApi } from "@plinth/client/testing";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { client } from "@/api";
import { ConfirmEmail, ForgotPassword, ResetPassword, UndoEmailChange, Verify } from "@/pages/links";
import { session } from "@/session";

let api: MockApi;
let sent: string[]; // the bodies of requests

beforeEach(() => {
  api = new MockApi();
  sent = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(await request.clone().text());
    return api.fetch(request);
  });
  setDefaultClient(client);
});

const openLink = (token?: string) => history.replaceState(null, "", token ? `/page#token=${token}` : "/page");
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

test.each([
  ["confirmVerification", Verify, "Verify e-mail", "E-mail verified"],
  ["confirmEmailChange", ConfirmEmail, "Confirm e-mail", "E-mail changed"],
  ["undoEmailChange", UndoEmailChange, "Undo the change", "Change undone"],
] as const)(
  "the token of %s leaves the address, and is sent once the button is pressed",
  async (id, Page, button, done) => {
    openLink("ot_1");
    const { unmount } = render(<Page />);
    expect(location.hash).toBe("");
    expect(sent).toEqual([]);
    await press(button);
    const heading = await screen.findByRole("heading", { name: done });
    expect(document.activeElement).toBe(heading);
    expect(sent).toEqual(['{"token":"ot_1"}']);
    unmount();

    api.fail(id, "invalid_one_time_token");
    openLink("ot_2");
    render(<Page />);
    await press(button);
    expect(await screen.findByRole("heading", { name: "This link does not work" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: button })).toBeNull();
    expect(screen.getByRole("link")).toBeTruthy(); // leads on
  },
);

test("a link without a token does not work", () => {
  openLink();
  render(<Verify />);
  expect(screen.getByRole("heading", { name: "This link does not work" })).toBeTruthy();
});

test("a link that was used already is no failure for a user whose e-mail is verified", async () => {
  localStorage.setItem("plinth.tokens", JSON.stringify(api.tokens("user")));
  await session.start();
  openLink();
  render(<Verify />);
  expect(await screen.findByText("Your e-mail ada@example.com is verified.")).toBeTruthy();
  expect(screen.getByRole("heading", { name: "E-mail verified" })).toBeTruthy();
  localStorage.clear();
  await session.start();
});

test("the link of another mail in the same tab replaces one that does not work", async () => {
  openLink();
  render(<ConfirmEmail />);
  location.hash = "token=ot_3";
  dispatchEvent(new HashChangeEvent("hashchange"));
  await userEvent.click(await screen.findByRole("button", { name: "Confirm e-mail" }));
  await waitFor(() => expect(sent).toEqual(['{"token":"ot_3"}']));
});

test("a failure that is not about the link keeps the page, and can be repeated", async () => {
  api.fail("confirmVerification", "unavailable", { times: 1 });
  openLink("ot_1");
  render(<Verify />);
  await press("Verify e-mail");
  expect((await screen.findByRole("alert")).textContent).toMatch(/temporarily unavailable/);
  await press("Verify e-mail");
  expect(await screen.findByRole("heading", { name: "E-mail verified" })).toBeTruthy();
});

test("a new password that is refused leaves the link as it is", async () => {
  openLink("ot_1");
  render(<ResetPassword />);
  const field = screen.getByLabelText(/New password/);
  await userEvent.type(field, "short");
  await press("Change password");
  expect(await screen.findByText("Enter at least 15 characters.")).toBeTruthy();
  expect(sent).toEqual([]);
  const errors = [{ pointer: "/password", code: "password_blocklisted", detail: "" }];
  api.fail("confirmPasswordReset", "validation_failed", { times: 1, errors });
  await userEvent.type(field, " and some more words");
  await press("Change password");
  expect(await screen.findByText(/easy to guess/)).toBeTruthy();
  await press("Change password");
  expect(await screen.findByRole("heading", { name: "Password changed" })).toBeTruthy();
  expect(JSON.parse(sent.at(-1) ?? "")).toEqual({ token: "ot_1", password: "short and some more words" });
});

test("a page for a reset without a token asks for a link", () => {
  openLink();
  render(<ResetPassword />);
  expect(screen.getByRole("textbox", { name: /E-mail/ })).toBeTruthy();
});

test("a request for a link says when to try again", async () => {
  api.fail("requestPasswordReset", "rate_limited", { times: 1, retryAfter: 42 });
  render(<ForgotPassword />);
  await userEvent.type(screen.getByRole("textbox", { name: /E-mail/ }), "ada@example.com");
  await press("Send a link");
  expect((await screen.findByRole("alert")).textContent).toMatch(/Try again in 42 seconds\.$/);
  await press("Send a link");
  expect(await screen.findByText(/If there is an account with the e-mail ada@example.com/)).toBeTruthy();
});
