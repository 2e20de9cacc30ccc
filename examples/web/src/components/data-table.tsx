import { type ColumnDef, type RowData, rowSortingFeature, tableFeatures, useTable } from "@tanstack/react-table";
import { ArrowDownIcon, ArrowUpDownIcon, ArrowUpIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button, Select } from "@/components/ui/controls";
import { Card } from "@/components/ui/display";
import { useTexts } from "@/i18n";
import { cn, useMedia } from "@/lib/utils";

interface Meta {
  /** Classes of the column's cells, such as its width: the columns of a table do not move. */
  className?: string;
  /** The heading of a card on phones; other cells follow it with their names. */
  heading?: boolean;
  /** The cell has no name on phones, because it names itself. */
  unnamed?: boolean;
}

export const features = tableFeatures({ rowSortingFeature, columnMeta: {} as Meta });
export type Column<Row extends RowData> = ColumnDef<typeof features, Row>;

interface DataTableProps<Row extends RowData> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowId: (row: Row) => string;
  /** How the API has sorted the rows. Columns with `enableSorting` change it. */
  sort?: { id: string; desc: boolean };
  onSort?: (id: string) => void;
  /** Whether the rows are of an earlier search while new ones are loaded. */
  stale?: boolean;
}

/** A table that becomes a list of cards on phones, where it would be wider than the screen. */
export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, sort, onSort, stale } = props;
  const t = useTexts();
  const wide = useMedia("(min-width: 48rem)");
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: rowId,
    manualSorting: true,
    enableSortingRemoval: false,
    state: { sorting: sort ? [sort] : [] },
  });
  const looks = cn("transition-opacity", stale && "opacity-60");
  if (!wide) {
    const sortable = onSort ? table.getAllColumns().filter((column) => column.getCanSort()) : [];
    return (
      <div className="grid grid-cols-1 gap-3">
        {onSort && sortable.length > 1 && (
          <Select aria-label={t.sort} value={sort?.id} onChange={(event) => onSort(event.currentTarget.value)}>
            {sortable.map(({ id, columnDef }) => (
              <option key={id} value={id}>
                {t.sortBy(String(columnDef.header))}
              </option>
            ))}
          </Select>
        )}
        <ul aria-label={label} className={cn("grid grid-cols-1 gap-3", looks)}>
          {table.getRowModel().rows.map((row) => (
            <li key={row.id}>
              <Card className="grid grid-cols-1 gap-3 p-4 text-sm">
                <div className="flex items-start justify-between gap-3">
                  {row
                    .getAllCells()
                    .filter(({ column: { columnDef } }) => columnDef.meta?.heading || columnDef.meta?.unnamed)
                    .map((cell) => (
                      <table.FlexRender key={cell.id} cell={cell} />
                    ))}
                </div>
                {row
                  .getAllCells()
                  .filter(({ column: { columnDef } }) => !columnDef.meta?.heading && !columnDef.meta?.unnamed)
                  .map((cell) => (
                    <div key={cell.id} className="flex items-center justify-between gap-4">
                      <span className="shrink-0 text-muted-foreground">{String(cell.column.columnDef.header)}</span>
                      <span className="min-w-0 text-right">
                        <table.FlexRender cell={cell} />
                      </span>
                    </div>
                  ))}
              </Card>
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <Card className={cn("overflow-hidden", looks)}>
      <table aria-label={label} className="w-full table-fixed text-sm">
        <thead className="border-b bg-muted/50 text-left text-muted-foreground">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map(({ id, column }) => {
                const { header, meta } = column.columnDef;
                const sorted = column.getIsSorted();
                const order = sorted === "desc" ? "descending" : sorted === "asc" ? "ascending" : undefined;
                return (
                  <th key={id} scope="col" aria-sort={order} className={cn("h-10 px-4 font-medium", meta?.className)}>
                    {onSort && column.getCanSort() ? (
                      <SortButton name={String(header)} sorted={sorted} onClick={() => onSort(id)} />
                    ) : (
                      <span className={meta?.unnamed ? "sr-only" : undefined}>{String(header)}</span>
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody className="divide-y">
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="hover:bg-muted/40">
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className={cn("px-4 py-3", cell.column.columnDef.meta?.className)}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function SortButton({ name, sorted, onClick }: { name: string; sorted: false | "asc" | "desc"; onClick: () => void }) {
  const Icon = sorted === "desc" ? ArrowDownIcon : sorted === "asc" ? ArrowUpIcon : ArrowUpDownIcon;
  return (
    <button
      type="button"
      onClick={onClick}
      className="-mx-2 inline-flex h-8 items-center gap-1.5 rounded-md px-2 hover:bg-accent"
    >
      {name}
      <Icon aria-hidden className={cn("size-3.5", !sorted && "opacity-50")} />
    </button>
  );
}

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Loads the next page when it is scrolled into view or pressed. */
export function More({ query }: MoreProps) {
  const t = useTexts();
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetchNextPage(), {
      rootMargin: "200px",
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <div ref={end} className="flex justify-center">
      <Button variant="outline" busy={isFetchingNextPage} onClick={() => fetchNextPage()}>
        {t.more}
      </Button>
    </div>
  );
}
