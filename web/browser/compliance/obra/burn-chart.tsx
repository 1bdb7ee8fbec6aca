import { useWords } from "../../app/hooks.tsx";
import { formatDay } from "../../format/instant.ts";
import type { BurnDown } from "../../wire/right-report.ts";
import { burnPicture } from "./burn-picture.ts";
import { monthName } from "../regulator-time.ts";

/** What is left of the right day by day, and where it leads; the same as a table below. */
export function BurnChart({ burn, year }: { readonly burn: BurnDown; readonly year: number }) {
  const words = useWords();
  const { t, language } = words;
  const picture = burnPicture(burn, year);
  const day = (text: string) => formatDay(Date.parse(text), language, { zone: "UTC" });
  const verdict = t(`page.burn.verdict.${burn.verdict}`, { day: burn.exhaustedAt === "" ? "—" : day(burn.exhaustedAt) });
  const rate = burn.perDayM3 === null ? "" : t("page.burn.rate", { volume: words.exact(burn.perDayM3), days: words.exact(burn.rateDays ?? 0) });
  const tone = burn.verdict === "exhausted" ? "note note-bad" : burn.verdict === "before-year-end" ? "note note-warn" : "note";
  return (
    <>
      <p class={tone}>{verdict} {rate}</p>
      {picture !== null && (
        <figure class="burn-chart">
          <svg viewBox={`0 0 ${picture.width} ${picture.height}`} preserveAspectRatio="none" role="img" aria-label={`${t("page.burn")}: ${verdict} ${rate}`}>
            {picture.months.map((x) => <path key={x} class="burn-month" d={`M${x} 0V${picture.height}`} />)}
            <path class="burn-area" d={picture.area} />
            <path class="burn-even" d={picture.even} />
            <path class="burn-left" d={picture.left} />
            {picture.projected !== "" && <path class="burn-projected" d={picture.projected} />}
            {picture.end !== null && <path class="burn-end" d={`M${picture.end.x} 0V${picture.height}`} />}
          </svg>
          <figcaption aria-hidden="true">{picture.months.map((_, month) => <span key={month}>{monthName(month + 1, language, "short")}</span>)}</figcaption>
        </figure>
      )}
      {picture !== null && <p class="small burn-key"><span class="burn-key-left" aria-hidden="true" />{t("page.burn.left")} <span class="burn-key-projected" aria-hidden="true" />{t("page.burn.projected")} <span class="burn-key-even" aria-hidden="true" />{t("page.burn.even")}</p>}
      {burn.days.length > 0 && (
        <details>
          <summary>{t("page.burn.table")}</summary>
          <div class="table-scroll burn-table" tabIndex={0} role="region" aria-label={t("page.burn.table")}>
            <table class="data-table">
              <thead><tr><th scope="col">{t("page.calendar.day")}</th><th scope="col" class="number">{t("page.burn.column.used")}</th><th scope="col" class="number">{t("page.burn.left")}</th></tr></thead>
              <tbody>{burn.days.toReversed().map(({ day: each, usedM3 }) => <tr key={each}><th scope="row">{day(each)}</th><td class="number">{words.exact(usedM3)} m³</td><td class="number">{burn.rightM3 === null ? "—" : `${words.exact(Math.max(0, burn.rightM3 - usedM3))} m³`}</td></tr>)}</tbody>
            </table>
          </div>
        </details>
      )}
    </>
  );
}
