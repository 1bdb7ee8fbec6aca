import { useState } from "preact/hooks";
import { useAsked, useNow, useShell, useStore, useWords } from "../../app/hooks.tsx";
import { obraHref } from "../../app/router.ts";
import { withQuery } from "../../http/request.ts";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import type { Obra } from "../../wire/obra.ts";
import type { Slot } from "../../wire/slot.ts";
import { CalendarGrid } from "./calendar-grid.tsx";
import { CalendarLegend } from "./calendar-legend.tsx";
import { edgesOf, fittedSpan, layoutCalendar, spanOf, steppedMonth, type CalendarSpan } from "./calendar.ts";
import { Downloads } from "../downloads.tsx";
import { loadSlots } from "../load.ts";
import { monthName, monthText } from "../regulator-time.ts";
import { markOf } from "../slots/slot-mark.ts";
import { SlotPanel } from "../slots/slot-panel.tsx";

const MINUTE_MS = 60_000;

export interface CalendarTabProps {
  readonly obra: Obra;
  readonly mayEdit: boolean;
  readonly changes: number;
  readonly onChanged: () => void;
}

/** A month of a work, or a year of one that reports monthly or less: every slot a cell, and what is known of the chosen one. */
export function CalendarTab({ obra, mayEdit, changes, onChanged }: CalendarTabProps) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const { search } = useStore(shell.place);
  const nowMs = useNow(MINUTE_MS);
  const query = new URLSearchParams(search);
  const [wanted, setWanted] = useState<string | null>(null);
  const span = spanOf(obra, query.get("month"), nowMs);
  const key = `${obra.work} ${span.kind} ${span.year}-${span.month}`;
  const asked = useAsked(`${key} ${changes} ${Math.floor(nowMs / MINUTE_MS)}`, async (signal) => ({ key, slots: await loadSlots(shell.api, obra, span, signal) }));
  const slots = asked.value?.key === key ? asked.value.slots : [];
  const waiting = asked.loading && asked.value?.key !== key;
  const shown = fittedSpan(span, slots);
  const chosen = slots.find(({ slot }) => slot === (wanted ?? query.get("slot")));
  const go = (changed: Readonly<Record<string, string | null>>) => shell.navigate(withQuery(obraHref(obra), { month: query.get("month"), ...changed }), "replace");
  const choose = (slot: Slot) => {
    setWanted(slot.slot);
    go({ slot: slot.slot });
  };
  return (
    <div class="tab-body">
      <div class="calendar-head">
        <div class="button-group">
          <a class="button button-icon" href={withQuery(obraHref(obra), { month: steppedMonth(span, -1) })} aria-label={t(`page.calendar.before.${spanWord(span)}`)}><Icon name="left" /></a>
          <a class="button button-icon" href={withQuery(obraHref(obra), { month: steppedMonth(span, 1) })} aria-label={t(`page.calendar.after.${spanWord(span)}`)}><Icon name="right" /></a>
        </div>
        <h2 aria-live="polite">{spanTitle(span, words.language)}</h2>
        <p class="small">{t("page.compliance.clock")}</p>
      </div>
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={onChanged}>{t("page.retry")}</button></ProblemNote>}
      {waiting && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {!waiting && asked.error === null && slots.length === 0 && <div class="blank panel"><Icon name="calendar" size={28} /><p>{t("page.calendar.none")}</p></div>}
      {slots.length > 0 && (
        <div class="calendar-body">
          <section class="panel calendar-panel" aria-label={t("page.calendar.grid", { span: spanTitle(span, words.language) })}>
            <CalendarGrid span={shown} layout={layoutCalendar(shown, slots)} nowMs={nowMs} chosen={chosen ?? null} title={t("page.calendar.grid", { span: spanTitle(span, words.language) })} onChoose={choose} />
            <CalendarLegend marks={slots.map((slot) => markOf(slot, nowMs))} />
          </section>
          {chosen === undefined ? <p class="panel muted slot-none">{t("page.slot.choose")}</p> : <SlotPanel key={chosen.slot} obra={obra} slot={chosen} nowMs={nowMs} mayEdit={mayEdit} changes={changes} onChanged={onChanged} />}
        </div>
      )}
      <Downloads obra={obra} year={span.year} month={span.kind === "months" ? null : monthText(span.year, span.month)} edges={edgesOf(span)} />
    </div>
  );
}

function spanWord({ kind }: CalendarSpan): "year" | "month" {
  return kind === "months" ? "year" : "month";
}

function spanTitle({ kind, year, month }: CalendarSpan, language: "es" | "en"): string {
  return kind === "months" ? String(year) : `${monthName(month, language)} ${year}`;
}
