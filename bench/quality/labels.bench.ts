import { missingShared } from "../../regression/quality/data-folder.ts";
import { alarmsOf, alarmsOfPlace, limitSets, limitsOf, type Alarms } from "../../regression/quality/labelled/alarms.ts";
import { geccoFiles, readGecco } from "../../regression/quality/labelled/gecco.ts";
import { readLogan } from "../../regression/quality/labelled/logan.ts";
import { nabFiles, readNab } from "../../regression/quality/labelled/nab.ts";
import type { LabelledSeries } from "../../regression/quality/labelled/series.ts";
import { defineBenchmark } from "../harness/benchmark.ts";

const head = ["series", "sensor", "limits", "events found", "missed, from", "false alarms per 1,000 points", "runs of them", "points"];

function row(source: string, sensor: string, limits: string, alarms: Alarms): string[] {
  const { events, points, falseUs, runs } = alarms;
  const missed = events.filter(({ found }) => !found).map(({ fromUs }) => new Date(fromUs / 1000).toISOString().slice(0, 16).replace("T", " "));
  return [
    source, sensor, limits, `${events.length - missed.length} of ${events.length}`, missed.length > 4 ? `${missed.length} of them` : missed.join(", "),
    ((1000 * falseUs.length) / points).toFixed(2), String(runs), points.toLocaleString("en-US"),
  ];
}

function tell(series: readonly LabelledSeries[], asOne: string | undefined): string[][] {
  return limitSets.flatMap((set) => {
    const all = series.map((one) => ({ one, alarms: alarmsOf(one, limitsOf(one, set)) }));
    const rows = all.map(({ one, alarms }) => row(one.source, one.sensor, set === "default" ? "default" : one.byNature === undefined ? "from first rows" : "by nature", alarms));
    if (asOne === undefined) return rows;
    return [...(set === "default" ? [] : rows), row(asOne, "any of them", set === "default" ? "default" : "by nature", alarmsOfPlace(all.map(({ alarms }) => alarms)))];
  });
}

export const benchmark = defineBenchmark({
  name: "quality-labels",
  about: "Real series in which people marked what is wrong, through mapping and judging: each marked event found or not (a row in it suspect or bad), and false alarms outside (rows that are). Limits: the product's defaults, which are wide; and those that a person would set, `by nature` of what is measured, before any run, or, where nobody can know what is measured, `from first rows` (the first 15 %, 750 rows at most, as NAB's own judge allows; nothing is measured on these).",
  needs: [],
  seconds: 0,
  run: async (context) => {
    context.table({ name: "Logan River (technicians' labels)", head, rows: tell(readLogan(), undefined) });
    const nab = missingShared(...nabFiles);
    if (nab === false) context.table({ name: "Numenta Anomaly Benchmark (windows)", head, rows: tell(readNab(), undefined) });
    else context.note(`1 benchmark left out: NAB: ${nab}.`);
    const gecco = missingShared(...geccoFiles);
    if (gecco === false) context.table({ name: "GECCO 2018, a water works' outlet by the minute (events)", head, rows: tell(readGecco(), "GECCO 2018") });
    else context.note(`1 benchmark left out: GECCO 2018: ${gecco}.`);
    context.note("With default limits nothing is found and nothing is falsely called: they know what a quantity cannot be, not what a place does not do. Codes of no reading (-9999) are called `sentinel`, all of them, and are counted as neither.");
    context.note("After the first run the limits by nature of GECCO were mended in two ways, none fitted to a label: redox potential is stored in V and flows in L/s; and since a spike is now what stands out from both neighbours, a step for good is limited by a rate of the same size. A third way, limits from the first rows, was tried for Logan and GECCO in that run, too, and is left out here.");
    context.note("These rules look at a value among its neighbours. Events that are a slow drift, a changed shape of the day or a quiet level shift are not theirs to find.");
  },
});
