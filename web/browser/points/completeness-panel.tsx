import { useAsked, useShell, useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { formatDay, formatWeekday } from "../format/instant.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readCompleteness, type DayCompleteness } from "../wire/history.ts";
import type { Point } from "../wire/point.ts";
import { completeness } from "./completeness.ts";

const DAYS = 30;

/** How complete each of the last days is: a bar a day, and the same as a table. */
export function CompletenessPanel({ point }: { readonly point: Point }) {
  const shell = useShell();
  const words = useWords();
  const { t } = words;
  const asked = useAsked(point.id, async (signal) => readCompleteness(await shell.api.call(endpoints.completeness(point.id, DAYS), { signal })));
  const days = asked.value ?? [];
  const whole = completeness(days);
  return (
    <section class="panel" aria-labelledby="completeness-title">
      <div class="panel-head">
        <h2 id="completeness-title">{t("page.completeness")}</h2>
        {whole.ratio !== null && <p class="panel-figure"><b>{words.share(whole.ratio)}</b> {t("page.completeness.days", { days: days.length })}</p>}
      </div>
      {asked.error !== null && <ProblemNote error={asked.error} />}
      {asked.loading && days.length === 0 && <div class="skeleton skeleton-bars" />}
      {!asked.loading && asked.error === null && days.length === 0 && <p class="muted">{t("page.completeness.none")}</p>}
      {days.length > 0 && (
        <>
          <ol class="bars" aria-hidden="true">{days.map((day) => <DayBar key={day.day} day={day} />)}</ol>
          <div class="bars-ends" aria-hidden="true"><span>{dayText(days[0], words.language)}</span><span>{dayText(days.at(-1), words.language)}</span></div>
          <p class="small bars-key"><span class="bar-key bar-key-received" aria-hidden="true" />{t("page.completeness.received")} <span class="bar-key bar-key-flagged" aria-hidden="true" />{t("page.completeness.flagged")} <span class="bar-key bar-key-missing" aria-hidden="true" />{t("page.completeness.missing")}</p>
          <details>
            <summary>{t("page.completeness.table")}</summary>
            <div class="table-scroll" tabIndex={0} role="region" aria-label={t("page.completeness")}>
              <table class="data-table">
                <thead><tr><th scope="col">{t("page.completeness.day")}</th><th scope="col" class="number">{t("page.coverage")}</th><th scope="col" class="number">{t("page.completeness.received")}</th><th scope="col" class="number">{t("page.completeness.expected")}</th><th scope="col" class="number">{t("page.completeness.flagged")}</th></tr></thead>
                <tbody>
                  {days.toReversed().map((day) => (
                    <tr key={day.day}>
                      <th scope="row">{dayText(day, words.language)}</th><td class="number">{day.ratio === null ? "" : words.share(day.ratio)}</td>
                      <td class="number">{words.count(day.received)}</td><td class="number">{words.count(day.expected)}</td><td class="number">{words.count(day.flagged)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        </>
      )}
    </section>
  );
}

function dayText(day: DayCompleteness | undefined, language: "es" | "en"): string {
  const timeMs = Date.parse(day?.day ?? "");
  return Number.isNaN(timeMs) ? (day?.day ?? "") : formatDay(timeMs, language, { zone: "UTC" });
}

function DayBar({ day }: { readonly day: DayCompleteness }) {
  const words = useWords();
  const ratio = Math.min(1, day.ratio ?? 0);
  const flagged = day.received === 0 ? 0 : ratio * Math.min(1, day.flagged / day.received);
  const timeMs = Date.parse(day.day);
  const label = Number.isNaN(timeMs) ? day.day : formatWeekday(timeMs, words.language, { zone: "UTC" });
  if (day.expected === 0) return <li class="bar-none" title={`${label}: ${words.t("page.completeness.nothing")}`} />;
  return (
    <li title={`${label}: ${day.ratio === null ? "" : words.share(day.ratio)} · ${words.count(day.received)}/${words.count(day.expected)}`}>
      <span class="bar-received" style={{ height: `${(ratio - flagged) * 100}%` }} />
      <span class="bar-flagged" style={{ height: `${flagged * 100}%` }} />
    </li>
  );
}
