import { useState } from "preact/hooks";
import { useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { formatUnit } from "../format/number.ts";
import { Icon } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { readCorrection, type Correction } from "../wire/correction.ts";
import type { Point } from "../wire/point.ts";
import { Corrector, type Correcting } from "./corrector.tsx";
import { usePointVariables } from "./point-variables.ts";

/** What people said of a point's facts: who, when, what and why; and the way to say more, or to take it back. */
export function CorrectionsTab({ point, mayEdit }: { readonly point: Point; readonly mayEdit: boolean }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const [open, setOpen] = useState<Correcting | null>(null);
  const [done, setDone] = useState(false);
  const pages = usePages(endpoints.corrections(point.id, { limit: 50 }), readCorrection);
  const saved = () => {
    setOpen(null);
    setDone(true);
    shell.spoken.set(t("page.corrections.saved"));
    pages.reload();
  };
  return (
    <div class="tab-body">
      <div class="tab-head">
        <div>
          <h2 class="section-title">{t("page.corrections.title")}</h2>
          <p class="lead">{t("page.corrections.text")}</p>
        </div>
        {mayEdit && <button type="button" class="button button-main" onClick={() => setOpen({ what: "correct", place: { variable: "" } })}><Icon name="edit" size={18} />{t("page.corrections.add")}</button>}
      </div>
      {!mayEdit && <p class="small">{t("page.may-not")}</p>}
      {done && <p class="note note-water"><Icon name="check" />{t("page.corrections.saved")}</p>}
      {pages.error !== null && <ProblemNote error={pages.error}><button type="button" class="button" onClick={pages.reload}>{t("page.retry")}</button></ProblemNote>}
      {pages.loading && pages.items.length === 0 && <div class="skeleton skeleton-cards" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!pages.loading && pages.error === null && pages.items.length === 0 && <div class="blank panel"><Icon name="edit" size={28} /><p>{t("page.corrections.none")}</p><p class="small">{t("page.corrections.none.how")}</p></div>}
      <ul class="correction-list">
        {pages.items.map((correction) => <CorrectionRow key={correction.id} point={point} correction={correction} mayEdit={mayEdit} onOpen={setOpen} />)}
      </ul>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
      {open !== null && <Corrector key={JSON.stringify(open)} point={point} mayCorrect={mayEdit} first={open} onClose={() => setOpen(null)} onSaved={saved} />}
    </div>
  );
}

interface RowProps {
  readonly point: Point;
  readonly correction: Correction;
  readonly mayEdit: boolean;
  readonly onOpen: (open: Correcting) => void;
}

/** Half-open ranges leave their end out: the last instant is taken in by one millisecond more. */
const PAST_LAST_MS = 1;

function CorrectionRow({ point, correction, mayEdit, onOpen }: RowProps) {
  const words = useWords();
  const { t } = words;
  const row = usePointVariables(point).find((candidate) => candidate.variable === correction.variable);
  const unit = formatUnit(row?.unit ?? "");
  const { variable, value, restored, author, reason, saidAtMs, first, last, facts } = correction;
  const isOne = first === last;
  const place = isOne ? { variable, at: first } : { variable, fromMs: Date.parse(first), toMs: Math.ceil((Date.parse(last) + PAST_LAST_MS) / 1000) * 1000 };
  return (
    <li class="panel correction">
      <div class="correction-what">
        <h3>{row === undefined ? variable : words.name(row.name)}: {restored ? t("page.corrections.restored") : value === null ? t("page.corrections.withdrawn") : `${words.exact(value)} ${unit}`.trim()}</h3>
        <p>{isOne ? <time dateTime={first}>{words.instant(Date.parse(first))}</time> : <><time dateTime={first}>{words.instant(Date.parse(first))}</time> – <time dateTime={last}>{words.instant(Date.parse(last))}</time> · {t("page.corrections.facts", { count: words.count(facts) })}</>}</p>
      </div>
      <p class="correction-why"><b>{author}</b> <span class="muted">{saidAtMs !== null && words.instant(saidAtMs)}</span><br /><q>{reason}</q></p>
      <div class="correction-actions">
        <button type="button" class="button" onClick={() => onOpen({ what: "instant", at: first, variable })}>{t("page.corrections.history")}</button>
        {mayEdit && !restored && <button type="button" class="button" onClick={() => onOpen({ what: "correct", place, saying: "restore" })}>{t("page.corrections.take-back")}</button>}
      </div>
    </li>
  );
}
