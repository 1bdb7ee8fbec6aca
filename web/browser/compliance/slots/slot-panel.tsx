import { useEffect, useRef, useState } from "preact/hooks";
import { useAsked, useShell, useWords } from "../../app/hooks.tsx";
import { complianceHref, pointHref } from "../../app/router.ts";
import { endpoints } from "../../http/endpoints.ts";
import { Flag } from "../../ui/flag.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import { ReasonDialog } from "../../ui/reason-dialog.tsx";
import { readLedgerEntry } from "../../wire/ledger-entry.ts";
import type { Obra } from "../../wire/obra.ts";
import { asPage } from "../../wire/read.ts";
import type { Slot } from "../../wire/slot.ts";
import { EntryList } from "../obra/entry-list.tsx";
import { regulatorInstant, regulatorMinute } from "../regulator-time.ts";
import { markOf } from "./slot-mark.ts";
import { SlotSign } from "./slot-sign.tsx";
import { figuresOf, offsetText } from "./slot-text.ts";

/** What nothing will ever come of: not what is closed, nor what is on its way. */
const mayWriteOff: ReadonlySet<string> = new Set(["expected", "held", "ready", "unknown", "refused", "refused-for-good"]);
const MOST_ENTRIES = 200;

export interface SlotPanelProps {
  readonly obra: Obra;
  readonly slot: Slot;
  readonly nowMs: number;
  readonly mayEdit: boolean;
  readonly changes: number;
  readonly onChanged: () => void;
}

/** All that is known of one slot: what it took and when that was measured, what was sent, what came back, and its entries in the ledger. */
export function SlotPanel({ obra, slot, nowMs, mayEdit, changes, onChanged }: SlotPanelProps) {
  const shell = useShell();
  const words = useWords();
  const { t, language } = words;
  const heading = useRef<HTMLHeadingElement>(null);
  const [writingOff, setWritingOff] = useState(false);
  const mark = markOf(slot, nowMs);
  const asked = useAsked(`${slot.slot} ${slot.standing} ${slot.attempts} ${changes}`, async (signal) => asPage(await shell.api.call(endpoints.ledger(obra, { slot: slot.slot, limit: MOST_ENTRIES }), { signal }), readLedgerEntry).items);
  useEffect(() => heading.current?.scrollIntoView({ block: "nearest" }), []);
  const writeOff = async (reason: string): Promise<void> => {
    await shell.api.call(endpoints.writeOff(obra, slot.slot), { method: "POST", body: { reason } });
    setWritingOff(false);
    onChanged();
  };
  return (
    <section class="panel slot-panel" aria-labelledby="slot-title">
      <div class="slot-head">
        <h2 id="slot-title" ref={heading}>{regulatorMinute(slot.slotMs, language)}</h2>
        <p class="slot-state"><span class={`legend-cell mark mark-${mark}`}><SlotSign mark={mark} /></span><b>{t(`page.mark.${mark}`)}</b></p>
      </div>
      <p class="small">{t(`page.mark.${mark}.text`)}</p>
      {slot.reasons.length > 0 && <ul class="slot-reasons">{slot.reasons.map((reason) => <li key={reason}>{words.slotReason(reason)}</li>)}</ul>}
      {slot.standing === "held" && <p><a class="button" href={complianceHref("review")}>{t("page.slot.to-review")}</a></p>}
      <dl class="slot-facts">
        {figuresOf(slot.values, words).map(({ name, text }) => <div key={name}><dt>{t(`page.figure.${name}`)}</dt><dd><b>{text}</b></dd></div>)}
        <div><dt>{t("page.slot.attempts")}</dt><dd>{words.count(slot.attempts)}</dd></div>
        {slot.acceptedAtMs !== null && <div><dt>{t("page.slot.accepted")}</dt><dd>{regulatorInstant(slot.acceptedAtMs, language)}</dd></div>}
        {slot.voucher !== null && <div class="slot-voucher"><dt>{t("page.slot.voucher")}</dt><dd><code>{slot.voucher}</code></dd></div>}
      </dl>
      {slot.edited && <p class="note note-warn">{t("page.slot.edited")}</p>}
      {slot.lateRevisions > 0 && <p class="note note-warn">{t("page.slot.revised", { count: words.count(slot.lateRevisions) })}</p>}
      <h3>{t("page.slot.taken")}</h3>
      {slot.taken.length === 0 ? <p class="muted">{t("page.slot.taken.none")}</p> : <TakenList slot={slot} />}
      <h3>{t("page.slot.entries")}</h3>
      {asked.error !== null && <ProblemNote error={asked.error} />}
      {asked.value === undefined && asked.loading && <div class="skeleton skeleton-bars" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {asked.value !== undefined && (asked.value.length === 0 ? <p class="muted">{t("page.slot.entries.none")}</p> : <EntryList entries={asked.value} named={false} />)}
      {mayEdit && mayWriteOff.has(slot.standing) && slot.slotMs < nowMs && <p class="slot-actions"><button type="button" class="button button-danger" onClick={() => setWritingOff(true)}>{t("page.slot.write-off")}</button></p>}
      {writingOff && <ReasonDialog title={t("page.slot.write-off")} act={t("page.slot.write-off.do")} danger onClose={() => setWritingOff(false)} onAct={writeOff}><p>{t("page.slot.write-off.text", { slot: regulatorMinute(slot.slotMs, language) })}</p></ReasonDialog>}
    </section>
  );
}

/** Each measurement with the instant at which it was really made. */
export function TakenList({ slot }: { readonly slot: Pick<Slot, "taken" | "slotMs"> }) {
  const words = useWords();
  const { t, language } = words;
  return (
    <ul class="taken-list">
      {slot.taken.map(({ quantity, variable, point, value, atMs, flag, reasons }) => (
        <li key={`${variable} ${point}`}>
          <p><span class="muted">{quantity === "" ? variable : t(`page.quantity.${quantity}`)}</span> <b>{value === null ? "—" : words.exact(value)}</b> <Flag flag={flag} reasons={reasons} compact /></p>
          <p class="small"><a href={pointHref(point)}>{point}</a> · {variable}{atMs !== null && <> · {t("page.slot.measured")} <time dateTime={new Date(atMs).toISOString()}>{regulatorInstant(atMs, language)}</time> {offsetText(atMs, slot.slotMs, words)}</>}</p>
        </li>
      ))}
    </ul>
  );
}
