// The rows of the mock API: collections that begin with the examples of the contract.
import type { FieldError } from "./gen/types.gen.js";

export interface MockedOperation {
  id: string;
  method: string;
  /** A template such as `/api/v1/users/{id}`. */
  path: string;
  role: string | null;
  secured: boolean;
  status: number;
  /** The media type of the response; null without a body. */
  type: string | null;
  example: unknown;
  /** For lists: the members of items that are free text. */
  texts: string[];
  /** The codes of the problems that the operation may respond with. */
  problems: string[];
}

export interface MockedProblem {
  status: number;
  title: string;
  detail: string;
}

/** A problem that ends a call. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly errors?: FieldError[],
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}

export type Row = Record<string, unknown> & { id: string };

interface Page {
  items: Row[];
  next_cursor: string | null;
}

/** Holds the rows of all collections, newest first. */
export class Rows {
  readonly #collections = new Map<string, Row[]>();
  readonly #versions = new WeakMap<Row, number>();
  readonly #lists: MockedOperation[];
  readonly #size: number;

  /** `size` is the number of rows with which a collection begins. */
  constructor(operations: readonly MockedOperation[], size: number) {
    this.#lists = operations.filter(isList);
    this.#size = size;
  }

  /** Returns the rows of the collection at a path. Accounts that own rows have one each. */
  of(path: string, owner = "", size = this.#size): Row[] {
    const key = `${owner} ${path}`;
    let rows = this.#collections.get(key);
    if (!rows) this.#collections.set(key, (rows = this.#examples(path, size)));
    return rows;
  }

  /** Returns all collections at a path, by owner. */
  owned(path: string): [owner: string, rows: Row[]][] {
    const found = [...this.#collections].map(([key, rows]) => [key.split(" "), rows] as const);
    return found.filter(([[, at]]) => at === path).map(([[owner], rows]) => [String(owner), rows]);
  }

  etag(row: Row): string {
    return `"${row.id}-${this.#versions.get(row) ?? 1}"`;
  }

  /** Merges changes into a row unless `ifMatch` names another version. */
  change(row: Row, changes: object, ifMatch: string | null = null): void {
    if (ifMatch && ifMatch !== "*" && !ifMatch.includes(this.etag(row))) throw new Refusal("precondition_failed");
    Object.assign(row, changes);
    if ("updated_at" in row) row["updated_at"] = new Date().toISOString();
    this.#versions.set(row, (this.#versions.get(row) ?? 1) + 1);
  }

  /** Adds a row like the first example of the collection. */
  add(rows: Row[], example: object, values: object): Row {
    const row: Row = { ...structuredClone(example), ...values, id: newId((example as Partial<Row>).id) };
    for (const name of ["created_at", "updated_at"]) if (name in row) row[name] = new Date().toISOString();
    rows.unshift(row);
    return row;
  }

  #examples(path: string, size: number): Row[] {
    const list = this.#lists.find((operation) => matches(operation, path));
    const examples = (list?.example as Page | undefined)?.items ?? [];
    if (!list || examples.length === 0) return [];
    return Array.from({ length: size }, (_, n) => vary(examples[n % examples.length] as Row, n, list.texts));
  }
}

/** Returns a page of rows: filtered by the members that the query names, and sorted. */
export function page(rows: readonly Row[], query: URLSearchParams): Page {
  const filters = [...query].filter(([name]) => !["limit", "cursor", "sort", "search"].includes(name));
  let found = rows.filter((row) => filters.every(([name, value]) => !(name in row) || String(row[name]) === value));
  const search = query.get("search")?.toLowerCase();
  if (search) found = found.filter((row) => Object.values(row).some((value) => String(value).toLowerCase().includes(search)));
  const sort = query.get("sort");
  if (sort) found = found.sort((a, b) => compare(a[sort], b[sort]));
  const start = found.findIndex(({ id }) => btoa(String(id)) === query.get("cursor")) + 1;
  const items = found.slice(start, start + Number(query.get("limit") ?? 20));
  const last = items.at(-1);
  return { items, next_cursor: last && last !== found.at(-1) ? btoa(String(last.id)) : null };
}

export const isList = ({ method, example }: MockedOperation) =>
  method === "GET" && Array.isArray((example as Page | null)?.items);

/** Returns the values of the parameters if a path is that of an operation. */
export function matches({ path }: MockedOperation, actual: string): Record<string, string> | undefined {
  const pattern = path.replace(/[.]/g, "\\.").replace(/\{[^\w]*(\w+)\*?\}/g, "(?<$1>[^/]+)");
  const found = new RegExp(`${pattern}$`).exec(actual);
  return found ? { ...found.groups } : undefined;
}

const time = /^\d{4}-\d\d-\d\dT/;
const hour = 3_600_000;

/** Returns the nth row like an example. */
function vary(example: Row, n: number, texts: readonly string[]): Row {
  const row = structuredClone(example);
  if (n === 0) return row;
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== "string") continue;
    if (time.test(value)) row[name] = new Date(Date.parse(value) - n * hour).toISOString();
    else if (texts.includes(name)) row[name] = `${value} ${n + 1}`;
  }
  row.id = typeof row.id === "string" ? row.id.slice(0, -4) + String(n).padStart(4, "0") : row.id;
  return row;
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Returns a new id in the form of an example: a ULID or a UUID. */
function newId(example = ""): string {
  if (example.includes("-")) return crypto.randomUUID();
  let id = "";
  for (let rest = Date.now(); id.length < 10; rest = Math.floor(rest / 32)) id = crockford[rest % 32] + id;
  while (id.length < 26) id += crockford[Math.floor(Math.random() * 32)];
  return id;
}

/** Sorts times from the newest, and all else in ascending order. */
function compare(a: unknown, b: unknown): number {
  const order = String(a).localeCompare(String(b), undefined, { numeric: true });
  return time.test(String(a)) ? -order : order;
}
