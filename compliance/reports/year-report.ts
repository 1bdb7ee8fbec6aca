import { addDecimals, subtractDecimals } from "@caudal/core";
import { localText } from "../desk/slot-view.ts";
import { dayOf } from "../ledger/regulator-day.ts";
import type { Obra } from "../obras/obra.ts";
import { togetherVolume, volumeOf, type Volume } from "./annual-volume.ts";
import { burnDown, RATE_DAYS, type UsedPoint } from "./burn-down.ts";
import { columns } from "./columns.ts";
import { CounterWalk, type Total } from "./counter-walk.ts";
import { askedObras, metersOf, slotsIn, type ReportParts, type ReportQuestion } from "./reading-rows.ts";
import type { Report, Row } from "./report.ts";
import { annualRightM3 } from "./right-volume.ts";
import { monthsOfYear, yearSpan, type Span } from "./span.ts";

/** A year by its first; `startMonth` 1 is the calendar's, 5 the agricultural one, from May to April. */
export interface Year {
  readonly year: number;
  readonly startMonth: number;
}

/** What a work's meters counted in a year. */
interface Counted {
  readonly volume: Volume;
  /** By the end of each of the regulator's days with a reading. */
  readonly used: readonly UsedPoint[];
  readonly first: Total | undefined;
  readonly last: Total | undefined;
  readonly readings: number;
  readonly glitches: number;
}

async function countedYear(parts: ReportParts, question: ReportQuestion, { obra, span }: { readonly obra: Obra; readonly span: Span }): Promise<Counted> {
  const walks = new Map<string, { readonly walk: CounterWalk; readonly fromUs: number; toUs: number }>();
  const used: UsedPoint[] = [];
  let day = "";
  let first: Total | undefined;
  let last: Total | undefined;
  for await (const slot of slotsIn(parts, question, obra, span)) {
    for (const { meter, total } of metersOf(slot)) {
      const known = walks.get(meter) ?? { walk: new CounterWalk(), fromUs: total.atUs, toUs: total.atUs };
      walks.set(meter, known);
      known.walk.take(total);
      known.toUs = total.atUs;
      first ??= total;
      last = total;
    }
    if (last?.atUs !== slot.row.slotUs) continue;
    const point = { atUs: slot.row.slotUs, usedM3: [...walks.values()].reduce((sum, { walk }) => addDecimals(sum, walk.volumeM3), 0) };
    if (dayOf(point.atUs) === day) used.pop();
    day = dayOf(point.atUs);
    used.push(point);
  }
  const meters = [...walks.values()].sort((a, b) => a.fromUs - b.fromUs);
  const followed = meters.some(({ fromUs }, at) => meters.slice(0, at).some((before) => before.toUs < fromUs));
  const volumes = meters.map(({ walk }) => volumeOf(walk));
  const hasTotal = obra.feeds.some(({ quantity }) => quantity === "total");
  const volume: Volume = meters.length > 0 ? togetherVolume(volumes, followed) : { kind: "not-computable", why: hasTotal ? "no-reading" : "no-total", stretchesM3: null };
  return {
    volume, used, first: meters.length > 1 ? undefined : first, last: meters.length > 1 ? undefined : last,
    readings: meters.reduce((sum, { walk }) => sum + walk.readings, 0), glitches: meters.reduce((sum, { walk }) => sum + walk.glitches, 0),
  };
}

const percentOf = (part: number | null, whole: number | undefined): number | null => (part === null || whole === undefined || whole <= 0 ? null : Math.round((part / whole) * 1000) / 10);

const yearNote = ({ year, startMonth }: Year): { en: string; es: string } => startMonth === 1
  ? { en: `Calendar year ${year}, on the regulator's clock, UTC-4.`, es: `Año calendario ${year}, en el reloj del regulador, UTC-4.` }
  : { en: `Agricultural year, from month ${startMonth} of ${year}, twelve months.`, es: `Año agrícola, desde el mes ${startMonth} de ${year}, doce meses.` };

/** Volume of a year against the right, the greatest share first; works of which it cannot be told stand behind, with why. */
export function annualVolumeReport(parts: ReportParts, question: ReportQuestion, asked: Year): Report {
  const span = yearSpan(asked.year, asked.startMonth);
  const months = monthsOfYear(asked.year, asked.startMonth);
  return {
    kind: "annual-volume", title: { en: `Volume of ${asked.year} against the right`, es: `Volumen de ${asked.year} frente al derecho` }, atUs: question.nowUs,
    notes: [
      yearNote(asked),
      { en: "Last total minus first, of the values that are reported, only where the totaliser advanced all the way. Where it did not, the reason stands in its place.", es: "Último totalizador menos el primero, de los valores informados, solo si avanzó todo el tiempo. Si no, se indica el motivo." },
    ],
    tables: [{
      id: "works", title: { en: "Works", es: "Obras" },
      columns: columns("work", "name", "client", "rightM3", "volumeM3", "percent", "notComputable", "stretchesM3", "readings", "glitches", "firstAt", "firstM3", "lastAt", "lastM3"),
      async *rows() {
        const rows: VolumeRow[] = [];
        for await (const obra of askedObras(parts, question)) rows.push(volumeRow(obra, await countedYear(parts, question, { obra, span }), annualRightM3(obra.right, months)));
        yield* rows.sort((a, b) => (b.percent ?? -1) - (a.percent ?? -1));
      },
    }],
  };
}

type VolumeRow = Row & { readonly percent: number | null };

function volumeRow({ work, name, client }: Obra, { volume, first, last, readings, glitches }: Counted, rightM3: number | undefined): VolumeRow {
  const volumeM3 = volume.kind === "computed" ? volume.volumeM3 : null;
  const not = volume.kind === "computed" ? { notComputable: null, stretchesM3: null } : { notComputable: volume.why, stretchesM3: volume.stretchesM3 };
  return {
    work, name, client, rightM3: rightM3 ?? null, volumeM3, percent: percentOf(volumeM3, rightM3), ...not, readings, glitches,
    firstAt: first === undefined ? null : localText(first.atUs), firstM3: first?.totalM3 ?? null, lastAt: last === undefined ? null : localText(last.atUs), lastM3: last?.totalM3 ?? null,
  };
}

/** How much of the right is left, day by day, and when it is used up at the rate of the last 30 days. */
export function burnDownReport(parts: ReportParts, question: ReportQuestion, asked: Year): Report {
  const span = yearSpan(asked.year, asked.startMonth);
  const months = monthsOfYear(asked.year, asked.startMonth);
  return {
    kind: "burn-down", title: { en: `What is left of the right of ${asked.year}`, es: `Lo que queda del derecho de ${asked.year}` }, atUs: question.nowUs,
    notes: [
      yearNote(asked),
      { en: `Exhaustion is a projection: a straight line through the last ${RATE_DAYS} days with readings.`, es: `El agotamiento es una proyección: una línea recta por los últimos ${RATE_DAYS} días con lecturas.` },
      { en: "Used is what the totaliser's certain stretches add up to, so a reset does not take it back.", es: "Lo usado es la suma de los tramos ciertos del totalizador; un reinicio no lo resta." },
    ],
    tables: [
      {
        id: "works", title: { en: "Works", es: "Obras" }, columns: columns("work", "name", "client", "rightM3", "usedM3", "percent", "remainingM3", "perDayM3", "days", "verdict", "exhaustedAt"),
        async *rows() {
          for await (const obra of askedObras(parts, question)) {
            const rightM3 = annualRightM3(obra.right, months);
            const { used } = await countedYear(parts, question, { obra, span });
            const { usedM3, percent, remainingM3, perDayM3, days, verdict, exhaustedAtUs } = burnDown(used, { rightM3, year: span });
            yield {
              work: obra.work, name: obra.name, client: obra.client, rightM3: rightM3 ?? null, usedM3, percent: percent === null ? null : Math.round(percent * 10) / 10, remainingM3,
              perDayM3: perDayM3 === null ? null : Math.round(perDayM3 * 1000) / 1000, days: days === null ? null : Math.round(days * 10) / 10, verdict, exhaustedAt: exhaustedAtUs === null ? null : dayOf(exhaustedAtUs),
            };
          }
        },
      },
      {
        id: "days", title: { en: "Days", es: "Días" }, columns: columns("work", "day", "usedM3", "remainingM3", "percent"), isLong: true, isForPeople: question.work !== undefined,
        async *rows() {
          for await (const obra of askedObras(parts, question)) {
            const rightM3 = annualRightM3(obra.right, months);
            for (const { atUs, usedM3 } of (await countedYear(parts, question, { obra, span })).used) {
              yield { work: obra.work, day: dayOf(atUs), usedM3, remainingM3: rightM3 === undefined ? null : Math.max(0, subtractDecimals(rightM3, usedM3)), percent: percentOf(usedM3, rightM3) };
            }
          }
        },
      },
    ],
  };
}
