import { useState } from "preact/hooks";
import { useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { Icon, type IconName } from "../../ui/icons.tsx";
import type { ImportRow, ObraImport, RowOutcome } from "../../wire/obra-import.ts";
import { importFilters, shownRows } from "./import-order.ts";

const SHOWN_AT_ONCE = 50;
/** Of a new work; the rest is folded away. */
const FIRST_CHANGES = 6;
const icons: Readonly<Record<RowOutcome | "all", IconName>> = { all: "table", new: "plus", changed: "edit", unchanged: "check", refused: "bad" };

/** Rows of a file by what they mean: what is new, what changes field by field, what was refused and why. */
export function ImportRows({ plan }: { readonly plan: ObraImport }) {
  const words = useWords();
  const { t } = words;
  const [outcome, setOutcome] = useState<RowOutcome | "all">("all");
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const rows = shownRows(plan.rows, outcome);
  const count = (name: RowOutcome | "all") => (name === "all" ? plan.rows.length : plan.counts[name]);
  return (
    <>
      <section class="tiles obra-tiles" aria-label={t("page.filter")}>
        {importFilters.map((name) => (
          <button key={name} type="button" class={`tile tile-import-${name}${count(name) === 0 ? " tile-zero" : ""}`} aria-pressed={outcome === name} onClick={() => { setOutcome(name); setShown(SHOWN_AT_ONCE); }}>
            <span class="tile-count">{words.count(count(name))}</span>
            <span class="tile-text"><Icon name={icons[name]} size={16} />{t(`page.obra-import.${name}`)}</span>
          </button>
        ))}
      </section>
      {rows.length === 0 ? <div class="blank panel"><p>{t("page.obra-import.none")}</p></div> : <ol class="import-list">{rows.slice(0, shown).map((row) => <Row key={row.line} row={row} isDone={!plan.dryRun} />)}</ol>}
      {rows.length > shown && <p class="more"><button type="button" class="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>{t("page.more-items")}</button></p>}
    </>
  );
}

function Row({ row, isDone }: { readonly row: ImportRow; readonly isDone: boolean }) {
  const { t } = useWords();
  const [regulator = "", ...code] = row.work.split("/");
  const exists = isDone ? row.written : row.outcome === "changed" || row.outcome === "unchanged";
  const [first, rest] = [row.changes.slice(0, FIRST_CHANGES), row.changes.slice(FIRST_CHANGES)];
  return (
    <li class={`import-row import-${row.outcome}`}>
      <p class="import-head">
        <Icon name={icons[row.outcome]} size={18} />
        <b>{row.work === "" ? t("page.obra-import.unread") : exists ? <a href={obraHref({ regulator, code: code.join("/") })}>{row.work}</a> : row.work}</b>
        <span>{t(`page.obra-import.outcome.${row.outcome}`)}</span>
        <span class="muted">{t("page.obra-import.line", { line: row.line })}</span>
      </p>
      {row.errors.length > 0 && <ul class="import-errors">{row.errors.map(({ column, detail }, index) => <li key={index}><code>{column}</code> {detail}</li>)}</ul>}
      {first.length > 0 && <Changes row={row} changes={first} />}
      {rest.length > 0 && <details><summary>{t("page.more", { count: rest.length })}</summary><Changes row={row} changes={rest} /></details>}
    </li>
  );
}

function Changes({ row, changes }: { readonly row: ImportRow; readonly changes: ImportRow["changes"] }) {
  const { t } = useWords();
  return (
    <dl class="import-changes">
      {changes.map(({ field, before, after }) => (
        <div key={field}>
          <dt><code>{field}</code></dt>
          <dd>{row.outcome === "changed" && <><del>{before === "" ? t("page.obra-form.change.nothing") : before}</del><span class="sr"> → </span></>}<ins>{after === "" ? t("page.obra-form.change.nothing") : after}</ins></dd>
        </div>
      ))}
    </dl>
  );
}
