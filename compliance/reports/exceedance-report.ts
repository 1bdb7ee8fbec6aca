import { localText } from "../desk/slot-view.ts";
import { monthSpan } from "../ledger/regulator-day.ts";
import type { Obra, WaterRight } from "../obras/obra.ts";
import { columns } from "./columns.ts";
import { askedObras, slotsIn, type ReportParts, type ReportQuestion } from "./reading-rows.ts";
import type { Report, Row } from "./report.ts";
import { flowRightLps } from "./right-volume.ts";

export interface Exceedance {
  readonly kind: "over" | "near";
  readonly rightLps: number;
  readonly percent: number;
  /** Above what the right's tolerance lets pass without a look. */
  readonly beyondTolerance: boolean;
}

const NEAR = 0.9;

/** A flow held against the right of its month: above it, or from 90 % of it on; undefined otherwise and where the right says nothing of flow. */
export function exceedanceOf(flowLps: number, right: WaterRight, month: string): Exceedance | undefined {
  const rightLps = flowRightLps(right, month);
  if (rightLps === undefined || !(flowLps >= rightLps * NEAR) || flowLps <= 0) return undefined;
  return { kind: flowLps > rightLps ? "over" : "near", rightLps, percent: rightLps === 0 ? Infinity : (flowLps / rightLps) * 100, beyondTolerance: flowLps > rightLps * (1 + right.tolerance) };
}

/** Slots of a month whose flow was above the right, or near it. Slots that were annulled count for nothing. */
export function exceedanceReport(parts: ReportParts, question: ReportQuestion, month: string): Report {
  const span = monthSpan(month);
  async function* found(obra: Obra): AsyncGenerator<Row & { readonly exceedance: string; readonly percent: number | null }> {
    for await (const { row, obra: held, values } of slotsIn(parts, question, obra, span)) {
      const over = values?.flowLps === undefined || row.standing === "annulled" ? undefined : exceedanceOf(values.flowLps, held.right, month);
      if (over === undefined) continue;
      const percent = Number.isFinite(over.percent) ? Math.round(over.percent * 10) / 10 : null;
      yield { work: row.work, local: localText(row.slotUs), flowLps: values?.flowLps ?? null, rightLps: over.rightLps, percent, exceedance: over.kind, beyondTolerance: over.beyondTolerance, standing: row.standing, voucher: row.state.voucher };
    }
  }
  return {
    kind: "exceedances", title: { en: `Exceedances in ${month}`, es: `Superaciones de ${month}` }, atUs: question.nowUs,
    notes: [{ en: "Flow of the slots against the right of the month, by values as they are reported.", es: "Caudal de los envíos frente al derecho del mes, con los valores informados." }],
    tables: [
      {
        id: "works", title: { en: "Works", es: "Obras" }, columns: columns("work", "name", "client", "over", "near", "maxPercent"),
        async *rows() {
          for await (const obra of askedObras(parts, question)) {
            const counts = { over: 0, near: 0 };
            let maxPercent: number | null = null;
            for await (const { exceedance, percent } of found(obra)) {
              counts[exceedance === "over" ? "over" : "near"] += 1;
              if (percent !== null) maxPercent = Math.max(maxPercent ?? 0, percent);
            }
            if (counts.over + counts.near > 0) yield { work: obra.work, name: obra.name, client: obra.client, ...counts, maxPercent };
          }
        },
      },
      {
        id: "slots", title: { en: "Slots", es: "Envíos" }, columns: columns("work", "local", "flowLps", "rightLps", "percent", "exceedance", "beyondTolerance", "standing", "voucher"), isLong: true,
        async *rows() {
          for await (const obra of askedObras(parts, question)) yield* found(obra);
        },
      },
    ],
  };
}
