import { faultPlans } from "../../regression/quality/planted/plans.ts";
import { scorePlan } from "../../regression/quality/planted/score.ts";
import { defineBenchmark } from "../harness/benchmark.ts";

const SEED = 6;
const share = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(3));

export const benchmark = defineBenchmark({
  name: "quality-planted",
  about: `Faults planted from seed ${SEED} into parts of real series, one a part, each part taken through mapping, judging and totaliser. A fault is found when a row of it is given the reason; precision counts rows: of all that were given the reason, those of a fault. Series: households of DAIAD, a well of Brabant Water, rivers of the Logan River Observatory, Dead Run of the USGS.`,
  needs: [],
  seconds: 0,
  run: async (context) => {
    const scores = faultPlans.map((plan) => {
      const score = scorePlan(plan, { seed: SEED });
      context.print(`  ${score.reason}: ${score.fault} [${score.limits}]: ${score.found} of ${score.planted}`);
      return score;
    });
    context.table({
      name: "Found and false, by reason",
      head: ["reason", "fault", "in", "limits", "found", "another reason", "missed", "recall", "precision", "false alarms per 1,000 rows", "other alarms per 1,000 rows", "volume off"],
      rows: scores.map((score) => [
        score.reason, score.fault, score.into, score.limits, `${score.found} of ${score.planted}`, String(score.otherwise), String(score.missed), share(score.recall), share(score.precision),
        ((1000 * score.falseAlarms) / score.rows).toFixed(2), ((1000 * score.besides) / score.rows).toFixed(2),
        score.volumeOff === undefined ? "" : score.volumeOff === 0 ? "0" : `${score.volumeOff} parts, up to ${score.worstL?.toLocaleString("en-US")} L`,
      ]),
    });
    context.figure({ name: "faults planted", value: scores.reduce((sum, { planted }) => sum + planted, 0), unit: "" });
    context.figure({ name: "rows judged", value: scores.reduce((sum, { rows }) => sum + rows, 0), unit: "" });
    context.note("False alarms are rows outside the fault that were given its reason, other alarms those that were called suspect or bad for another; real oddities of the series are among them. Limits other than the default were set before any run, from what is measured.");
    context.note("Volume off: parts whose volume does not grow by what the meter truly counted. Of a jump nobody knows whether it was water, of a swap that nobody told what the old meter counted last: not asked.");
  },
});
