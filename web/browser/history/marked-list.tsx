import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { Badge } from "../ui/badge.tsx";
import { Flag } from "../ui/flag.tsx";
import type { Line } from "./panels.ts";
import { isCorrected, markedCells } from "./summary.ts";

/** The table has all; here the newest are enough. */
const MOST_LISTED = 50;

/** The samples that the chart marks, in words, for whoever cannot point at them. */
export function MarkedList({ lines, several }: { readonly lines: readonly Line[]; readonly several: boolean }) {
  const words = useWords();
  const marked = lines.flatMap((line) => markedCells(line.cells).map((cell) => ({ line, cell }))).sort((a, b) => b.cell.timeMs - a.cell.timeMs);
  if (marked.length === 0) return null;
  return (
    <details class="marked">
      <summary>{words.t("page.marked", { count: words.count(marked.length) })}</summary>
      <ul tabIndex={0} aria-label={words.t("page.marked", { count: words.count(marked.length) })}>
        {marked.slice(0, MOST_LISTED).map(({ line, cell }) => (
          <li key={`${line.point}|${line.variable}|${cell.time}`}>
            <time dateTime={cell.time}>{words.instant(cell.timeMs)}</time>
            <span>{several ? `${line.pointName} · ${line.variableName}` : line.variableName}</span>
            <span class="number">{words.exact(cell.value ?? 0)} {formatUnit(line.unit)}</span>
            {isCorrected(cell) ? <Badge icon="person" tone="water">{words.t("page.corrected")}</Badge> : <Flag flag={cell.flag} compact />}
            <span>{cell.bucket === null ? cell.reasons.map(words.reason).join("; ") : words.t("page.bucket.flagged", { count: words.count(cell.bucket.flagged) })}</span>
          </li>
        ))}
      </ul>
      {marked.length > MOST_LISTED && <p class="small">{words.t("page.marked.more")}</p>}
    </details>
  );
}
