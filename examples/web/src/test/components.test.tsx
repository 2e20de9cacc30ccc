import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { type Column, DataTable } from "@/components/data-table";
import { SearchBox } from "@/components/filters";
import { Unloadable } from "@/components/message";
import { Confirmation, confirm } from "@/components/ui/dialog";
import { choice, flag, search, text } from "@/lib/search";
import { device } from "@/lib/utils";
import { setWidth } from "./setup";

interface Person {
  id: string;
  name: string;
}
const columns: Column<Person>[] = [
  {
    id: "name",
    header: "Name",
    accessorFn: ({ name }) => name,
    meta: { heading: true },
    cell: ({ row }) => row.original.name,
  },
  { id: "id", header: "Number", enableSorting: false, cell: ({ row }) => row.original.id },
];
const people = [{ id: "7", name: "Ada" }];
const table = { label: "People", columns, rows: people, rowId: ({ id }: Person) => id };

test("a table sorts by its headers", async () => {
  setWidth(1280);
  const onSort = vi.fn();
  render(<DataTable {...table} sort={{ id: "name", desc: true }} onSort={onSort} />);
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("descending");
  expect(screen.queryByRole("button", { name: "Number" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(onSort).toHaveBeenCalledWith("name");
});

test("a table is a list of cards on phones", () => {
  setWidth(390);
  render(<DataTable {...table} />);
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.getByRole("listitem").textContent).toBe("AdaNumber7");
});

test("cards on phones are sorted by a select", async () => {
  setWidth(390);
  const onSort = vi.fn();
  const sortable = columns.map((column) => ({ ...column, accessorFn: ({ id }: Person) => id, enableSorting: true }));
  render(<DataTable {...table} columns={sortable} sort={{ id: "name", desc: false }} onSort={onSort} />);
  expect(screen.getByRole<HTMLSelectElement>("combobox").value).toBe("name");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Sort" }), "Sort by: Number");
  expect(onSort).toHaveBeenCalledWith("id");
});

const Failing = () => {
  throw new TypeError("Failed to fetch dynamically imported module");
};

test("a message replaces an app that cannot be loaded", () => {
  vi.spyOn(console, "error").mockReturnValue();
  render(
    <Unloadable>
      <Failing />
    </Unloadable>,
  );
  expect(screen.getByRole("heading", { name: "This page could not be displayed" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Reload" })).toBeTruthy();
});

test("a question resolves to the user's answer", async () => {
  render(<Confirmation />);
  for (const [button, answer] of [
    ["Cancel", false],
    ["Delete", true],
  ] as const) {
    const asked = confirm({ title: "Delete?", text: "For good.", action: "Delete" });
    await userEvent.click(await screen.findByRole("button", { name: button }));
    expect(await asked).toBe(answer);
    expect(screen.queryByRole("alertdialog")).toBeNull();
  }
});

test("a search changes the address after a pause, and follows it", async () => {
  const onChange = vi.fn();
  const { rerender } = render(<SearchBox label="Search" value="" onChange={onChange} />);
  await userEvent.type(screen.getByRole("searchbox"), " ada ");
  await vi.waitFor(() => expect(onChange.mock.calls).toEqual([["ada"]]), 10_000);
  rerender(<SearchBox label="Search" value="ada" onChange={onChange} />);
  expect(screen.getByDisplayValue("ada")).toBeTruthy();
  rerender(<SearchBox label="Search" value="" onChange={onChange} />); // back
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("");
});

test("search parameters that make no sense are left out", () => {
  const read = search({ search: text, role: choice("user", "admin"), active: flag });
  expect(read({ search: 7, role: "admin", active: false })).toEqual({ search: "7", role: "admin", active: false });
  expect(read({ search: "", role: "root", active: "yes", other: 1 })).toEqual({});
});

test.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"],
  ["Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome", "Android"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
    "Safari",
    "iPhone",
  ],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "macOS"],
  ["curl/8.5.0", "curl", undefined],
])("names the device of %s", (userAgent, program, system) => {
  expect(device(userAgent)).toMatchObject({ program, system });
});
