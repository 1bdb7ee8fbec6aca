import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { Icon } from "../ui/icons.tsx";
import type { Cell } from "../wire/history.ts";
import type { Line } from "./panels.ts";

/** A value that a person chose in a chart. */
export interface Picked {
  readonly line: Line;
  readonly cell: Cell;
}

export interface PickBarProps {
  readonly picked: Picked | null;
  /** False while the charts show buckets, which are no single values. */
  readonly raw: boolean;
  readonly table: boolean;
  readonly several: boolean;
  readonly mayCorrect: boolean;
  readonly onOpen: (picked: Picked) => void;
  readonly onStretch: () => void;
}

/** The chosen value with the way to its history, and the way to correct a stretch; it keeps its place whether or not something is chosen. */
export function PickBar({ picked, raw, table, several, mayCorrect, onOpen, onStretch }: PickBarProps) {
  const words = useWords();
  const { t } = words;
  return (
    <div class={picked === null ? "pick-bar" : "pick-bar pick-bar-on"} role="group" aria-label={t("page.pick")}>
      <p aria-live="polite">
        {picked === null
          ? <span class="muted">{t(!raw ? "page.pick.rolled" : table ? "page.pick.hint.table" : "page.pick.hint")}</span>
          : <><time dateTime={picked.cell.time}>{words.instant(picked.cell.timeMs)}</time> · {several && `${picked.line.pointName} · `}{picked.line.variableName} <b>{picked.cell.value === null ? t("page.value.none") : `${words.exact(picked.cell.value)} ${formatUnit(picked.line.unit)}`}</b></>}
      </p>
      <span class="pick-actions">
        <button type="button" class="button" disabled={picked === null} onClick={() => picked !== null && onOpen(picked)}><Icon name="stale" size={18} />{t(mayCorrect ? "page.pick.open" : "page.corrections.history")}</button>
        {mayCorrect && <button type="button" class="button" onClick={onStretch}><Icon name="edit" size={18} />{t("page.pick.stretch")}</button>}
      </span>
    </div>
  );
}
