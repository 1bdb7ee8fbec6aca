import { useState } from "preact/hooks";
import { useAsked, useNow, useShell, useWords } from "../../app/hooks.tsx";
import { endpoints } from "../../http/endpoints.ts";
import { Icon } from "../../ui/icons.tsx";
import { ProblemNote } from "../../ui/problem-note.tsx";
import type { Obra } from "../../wire/obra.ts";
import { readAnnualVolume, readBurnDown, type AnnualVolume, type BurnDown } from "../../wire/right-report.ts";
import { BurnChart } from "./burn-chart.tsx";
import { Downloads } from "../downloads.tsx";
import { midnightMs, regulatorDate } from "../regulator-time.ts";

const DAY_MS = 86_400_000;

/** What a work took of its right in a year: how much is left, when it is used up, and the volume as it is told. */
export function RightTab({ obra }: { readonly obra: Obra }) {
  const shell = useShell();
  const { t } = useWords();
  const running = regulatorDate(useNow(DAY_MS)).year;
  const [year, setYear] = useState(running);
  const [turn, setTurn] = useState(0);
  const asked = useAsked(`${obra.work} ${year} ${turn}`, async (signal) => {
    const report = (kind: string) => shell.api.call(endpoints.report(kind, { work: obra.work, year, format: "json" }), { signal });
    const [burn, volume] = await Promise.all([report("burn-down"), report("annual-volume")]);
    return { year, burn: readBurnDown(burn), volume: readAnnualVolume(volume) };
  });
  const shown = asked.value?.year === year ? asked.value : undefined;
  return (
    <div class="tab-body">
      <div class="calendar-head">
        <div class="button-group">
          <button type="button" class="button button-icon" onClick={() => setYear(year - 1)} aria-label={t("page.calendar.before.year")}><Icon name="left" /></button>
          <button type="button" class="button button-icon" disabled={year >= running} onClick={() => setYear(year + 1)} aria-label={t("page.calendar.after.year")}><Icon name="right" /></button>
        </div>
        <h2 aria-live="polite">{year}</h2>
      </div>
      {asked.error !== null && <ProblemNote error={asked.error}><button type="button" class="button" onClick={() => setTurn(turn + 1)}>{t("page.retry")}</button></ProblemNote>}
      {shown === undefined && asked.loading && <div class="skeleton skeleton-chart" role="status"><span class="sr">{t("page.loading")}</span></div>}
      {shown !== undefined && (
        <>
          <section class="panel" aria-labelledby="burn-title">
            <div class="panel-head"><h2 id="burn-title">{t("page.burn")}</h2><BurnFigure burn={shown.burn} /></div>
            <BurnChart burn={shown.burn} year={year} />
          </section>
          <section class="panel" aria-labelledby="volume-title">
            <div class="panel-head"><h2 id="volume-title">{t("page.volume")}</h2></div>
            <VolumeText volume={shown.volume} />
          </section>
        </>
      )}
      <Downloads obra={obra} year={year} month={null} edges={{ fromMs: midnightMs(year, 1), toMs: midnightMs(year + 1, 1) }} />
    </div>
  );
}

function BurnFigure({ burn: { percent, remainingM3 } }: { readonly burn: BurnDown }) {
  const words = useWords();
  if (percent === null) return null;
  return <p class="panel-figure"><b>{words.exact(percent)} %</b> {words.t("page.burn.used", { remaining: remainingM3 === null ? "—" : `${words.exact(remainingM3)} m³` })}</p>;
}

/** The volume, or why it cannot be told: a bare dash would read as "no water was taken". */
function VolumeText({ volume: { volumeM3, rightM3, percent, fault, stretchesM3, readings } }: { readonly volume: AnnualVolume }) {
  const words = useWords();
  const { t } = words;
  return (
    <>
      <dl class="slot-facts">
        <div><dt>{t("page.volume.taken")}</dt><dd>{volumeM3 === null ? <b class="volume-fault">{t("page.volume.not-computable")}</b> : <b>{words.exact(volumeM3)} m³</b>}</dd></div>
        <div><dt>{t("page.right.annual")}</dt><dd>{rightM3 === null ? t("page.volume.no-right") : <b>{words.exact(rightM3)} m³</b>}</dd></div>
        {percent !== null && <div><dt>{t("page.volume.share")}</dt><dd><b>{words.exact(percent)} %</b></dd></div>}
        <div><dt>{t("page.volume.readings")}</dt><dd>{words.count(readings)}</dd></div>
      </dl>
      {fault !== "" && <p class="note note-warn"><Icon name="suspect" />{t(`page.volume.fault.${fault}`)}{stretchesM3 !== null && ` ${t("page.volume.stretches", { volume: words.exact(stretchesM3) })}`}</p>}
      <p class="small">{t("page.volume.text")}</p>
    </>
  );
}
