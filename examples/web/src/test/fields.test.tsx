import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { FlagFilter } from "@/components/filters";
import { CheckboxField, Form, SelectField, SubmitButton, TextAreaField, TextField, useSubmit } from "@/form";
import { fromInstant, fromList, toFlag, toID, toInstant, toList, toNumber } from "@/lib/fields";

function Example({ send }: { send: (body: object) => Promise<unknown> }) {
  const submission = useSubmit({
    defaultValues: { day: "", tags: "", color: "", shape: "round", done: false },
    schema: () => ({ safeParse: () => ({}) }),
    body: (values) => ({ ...values, tags: toList(values.tags) }),
    send,
  });
  return (
    <Form submission={submission}>
      <TextField name="day" label="Day" type="date" />
      <TextAreaField name="tags" label="Tags" hint="One item per line." />
      <SelectField name="color" label="Color" options={{ red: "Red", green: "Green" }} required />
      <SelectField name="shape" label="Shape" options={{ round: "Round", square: "Square" }} required />
      <CheckboxField name="done" label="Done" />
      <SubmitButton submission={submission}>Send</SubmitButton>
    </Form>
  );
}

test("inputs of all kinds are sent", async () => {
  const send = vi.fn().mockResolvedValue(undefined);
  render(<Example send={send} />);
  await userEvent.type(screen.getByLabelText(/Day/), "2026-01-02");
  await userEvent.type(screen.getByLabelText(/Tags/), "a{Enter}{Enter} b c ");
  await userEvent.selectOptions(screen.getByLabelText(/Color/), "Green");
  await userEvent.click(screen.getByLabelText("Done"));
  expect(screen.getByLabelText<HTMLSelectElement>(/Shape/).options).toHaveLength(2); // cannot be empty
  expect(screen.getByLabelText(/Tags/).getAttribute("aria-describedby")).toBe(
    screen.getByText("One item per line.").id,
  );
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  const sent = { day: "2026-01-02", tags: ["a", "b c"], color: "green", shape: "round", done: true };
  await vi.waitFor(() => expect(send.mock.calls).toEqual([[sent]]));
});

test("values of inputs are those of the API, and nothing is in an empty one", () => {
  for (const read of [toNumber, toFlag, toID, toInstant, toList]) expect(read("")).toBeUndefined();
  expect([toID("01JD8Z5V3K4N6P7Q8R9S0T1V2W"), toID("01JD8")]).toEqual(["01JD8Z5V3K4N6P7Q8R9S0T1V2W", undefined]);
  expect([toNumber("-7"), toFlag("true"), toFlag("false")]).toEqual([-7, true, false]);
  for (const instant of ["2026-01-02T03:04:05.678Z", "2026-07-02T23:00:00.000Z", "2026-01-02T03:04:05.000Z"]) {
    expect(toInstant(fromInstant(instant))).toBe(instant);
  }
  expect(fromList(toList("a\nb"))).toBe("a\nb");
  expect([fromInstant(null), fromList(null)]).toEqual(["", ""]);
});

test("a filter is yes, no or any", async () => {
  const onChange = vi.fn();
  render(<FlagFilter label="Done" value={false} onChange={onChange} />);
  const filter = screen.getByRole<HTMLSelectElement>("combobox", { name: "Done" });
  expect(filter.selectedOptions[0]?.text).toBe("Done: No");
  await userEvent.selectOptions(filter, "Done: Yes");
  await userEvent.selectOptions(filter, "Done: any");
  expect(onChange.mock.calls).toEqual([[true], [undefined]]);
});
