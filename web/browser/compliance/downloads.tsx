import { useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { Choice } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import type { Obra } from "../wire/obra.ts";
import { monthName, monthText, regulatorDay } from "./regulator-time.ts";

/** Kinds of report, and whether each is of a month or of a year. */
export const reportKinds = ["compliance", "annual-volume", "exceedances", "incidents", "burn-down"] as const;
export type ReportKind = (typeof reportKinds)[number];
const formats = ["pdf", "xlsx", "csv"] as const;
const ofAYear: ReadonlySet<ReportKind> = new Set(["annual-volume", "burn-down"]);

export interface DownloadsProps {
  readonly obra: Obra;
  readonly year: number;
  /** `2026-06`; null where a year is shown. */
  readonly month: string | null;
  readonly edges: { readonly fromMs: number; readonly toMs: number };
}

/** Reports on a work, and the evidence of a stretch of time as one file. */
export function Downloads({ obra, year, month, edges }: DownloadsProps) {
  const { t, language } = useWords();
  const [kind, setKind] = useState<ReportKind>(month === null ? "annual-volume" : "compliance");
  const [chosen, setChosen] = useState(1);
  const span = ofAYear.has(kind) ? { year } : { month: month ?? monthText(year, chosen) };
  const months = Array.from({ length: 12 }, (_, index) => ({ value: String(index + 1), text: `${monthName(index + 1, language)} ${year}` }));
  const evidence = endpoints.evidence({ work: obra.work, from: regulatorDay(edges.fromMs), to: regulatorDay(edges.toMs) });
  return (
    <section class="panel downloads" aria-labelledby="downloads-title">
      <h2 id="downloads-title">{t("page.reports")}</h2>
      <div class="downloads-row">
        <Choice label={t("page.reports.kind")} value={kind} onChange={(value) => setKind(value as ReportKind)} options={reportKinds.map((value) => ({ value, text: t(`page.report.${value}`) }))} />
        {month === null && "month" in span && <Choice label={t("page.reports.month")} value={String(chosen)} onChange={(value) => setChosen(Number(value))} options={months} />}
        {(month !== null || "year" in span) && <p class="downloads-span">{"year" in span ? String(span.year) : span.month}</p>}
        {formats.map((format) => <a key={format} class="button" download href={endpoints.report(kind, { work: obra.work, ...span, format })}><Icon name="download" size={18} />{format.toUpperCase()}</a>)}
        <a class="button downloads-evidence" download href={evidence}><Icon name="ledger" size={18} />{t("page.reports.evidence")}</a>
      </div>
      <p class="small">{t("page.reports.evidence.text")}</p>
    </section>
  );
}
