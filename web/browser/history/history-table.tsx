import { useMemo, useState } from "preact/hooks";
import { useWords, type PageWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { Badge } from "../ui/badge.tsx";
import { Flag } from "../ui/flag.tsx";
import { Icon } from "../ui/icons.tsx";
import { Choice } from "../ui/field.tsx";
import type { Cell, RevisedCell } from "../wire/history.ts";
import type { Line } from "./panels.ts";
import { isCorrected } from "./summary.ts";
import { rowPage, tableRows } from "./table-rows.ts";

const ROWS_A_PAGE = 100;

export interface HistoryTableProps {
  readonly lines: readonly Line[];
  readonly several: boolean;
  /** Shows all that was said of an instant of a point. */
  readonly onOpen: (point: string, at: string) => void;
}

/** The same data as the charts, every digit, newest first. With several points one of them at a time. */
export function HistoryTable({ lines, several, onOpen }: HistoryTableProps) {
  const words = useWords();
  const { t } = words;
  const points = [...new Map(lines.map((line) => [line.point, line.pointName]))];
  const [chosen, setChosen] = useState("");
  const [markedOnly, setMarkedOnly] = useState(false);
  const [page, setPage] = useState(0);
  const point = points.some(([id]) => id === chosen) ? chosen : (points[0]?.[0] ?? "");
  const mine = useMemo(() => lines.filter((line) => line.point === point), [lines, point]);
  const rows = useMemo(() => tableRows(mine, markedOnly), [mine, markedOnly]);
  const shown = rowPage(rows, page, ROWS_A_PAGE);
  const single = !mine.some(isRolled);
  return (
    <div class="panel table-panel">
      <div class="table-tools">
        {several && <Choice label={t("page.point")} value={point} options={points.map(([value, text]) => ({ value, text }))} onChange={(id) => { setChosen(id); setPage(0); }} />}
        <label class="check"><input type="checkbox" checked={markedOnly} onChange={(event) => { setMarkedOnly(event.currentTarget.checked); setPage(0); }} />{t("page.table.marked")}</label>
        <Pager page={shown.page} pages={shown.pages} rows={rows.length} onPage={setPage} />
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t("page.view.table")}>
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">{t("page.table.time")}</th>
              {mine.map((line) => <LineHeads key={line.variable} line={line} />)}
              {single && <th scope="col"><span class="sr">{t("page.corrections.history")}</span></th>}
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row) => (
              <tr key={row.timeMs}>
                <th scope="row"><time dateTime={row.time} title={row.time}>{words.instant(row.timeMs)}</time></th>
                {mine.map((line, index) => <LineCells key={line.variable} cell={row.cells[index]} rolled={isRolled(line)} />)}
                {single && <td class="row-action"><button type="button" class="button button-icon button-quiet" onClick={() => onOpen(point, row.time)} aria-label={t("page.table.open", { time: words.instant(row.timeMs) })} title={t("page.corrections.history")}><Icon name="stale" size={18} /></button></td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="blank">{t("page.table.none")}</p>}
    </div>
  );
}

const bucketColumns = ["mean", "min", "max", "first", "last", "consumption", "count"] as const;

function isRolled(line: Line): boolean {
  return line.cells.some((cell) => cell.bucket !== null);
}

function LineHeads({ line }: { readonly line: Line }) {
  const { t } = useWords();
  const unit = formatUnit(line.unit);
  const name = unit === "" ? line.variableName : `${line.variableName} (${unit})`;
  if (!isRolled(line)) return <><th scope="col" class="number">{name}</th><th scope="col">{t("page.flag")}</th></>;
  return (
    <>
      {bucketColumns.map((column) => <th key={column} scope="col" class="number">{name} · {t(`page.bucket.${column}`)}</th>)}
      <th scope="col" class="number">{t("page.coverage")}</th>
      <th scope="col">{t("page.flag")}</th>
    </>
  );
}

function LineCells({ cell, rolled }: { readonly cell: Cell | undefined; readonly rolled: boolean }) {
  const words = useWords();
  if (rolled) {
    const bucket = cell?.bucket ?? null;
    return (
      <>
        {bucketColumns.map((column) => {
          const value = bucket?.[column];
          return <td key={column} class="number">{value === null || value === undefined ? "" : words.exact(value)}</td>;
        })}
        <td class="number">{bucket === null || bucket.coverage === null ? "" : words.share(bucket.coverage)}</td>
        <td>
          {bucket !== null && bucket.flagged > 0 && words.t("page.bucket.flagged", { count: words.count(bucket.flagged) })}
          {bucket?.revised !== undefined && <span class="cell-reasons">{revisedText(bucket.revised, words)}</span>}
        </td>
      </>
    );
  }
  return (
    <>
      <td class="number">{cell === undefined || cell.value === null ? "" : words.exact(cell.value)}</td>
      <td>{cell !== undefined && <>{isCorrected(cell) ? <Badge icon="person" tone="water">{words.t("page.corrected")}</Badge> : <Flag flag={cell.flag} compact />}{cell.reasons.length > 0 && <span class="cell-reasons">{cell.reasons.map(words.reason).join("; ")}</span>}</>}</td>
    </>
  );
}

function revisedText({ atMs, late, corrected }: RevisedCell, words: PageWords): string {
  return words.t("page.bucket.revised", { time: atMs === null ? "" : words.minute(atMs), late: words.count(late), corrected: words.count(corrected) });
}

function Pager({ page, pages, rows, onPage }: { readonly page: number; readonly pages: number; readonly rows: number; readonly onPage: (page: number) => void }) {
  const words = useWords();
  const { t } = words;
  return (
    <nav class="pager" aria-label={t("page.table.pages")}>
      <span role="status">{t("page.table.rows", { count: words.count(rows), page: page + 1, pages })}</span>
      <button type="button" class="button" disabled={page === 0} onClick={() => onPage(page - 1)}>{t("page.table.newer")}</button>
      <button type="button" class="button" disabled={page >= pages - 1} onClick={() => onPage(page + 1)}>{t("page.table.older")}</button>
    </nav>
  );
}
