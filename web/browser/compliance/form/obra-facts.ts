import type { PageWords } from "../../app/hooks.tsx";
import type { Obra } from "../../wire/obra.ts";
import { obraParts, partValue, type ObraPart } from "./obra-changes.ts";
import { monthName, regulatorDayText, regulatorMinute } from "../regulator-time.ts";

const DAY_MS = 86_400_000;

/** What of the page's words a work is told in. */
export type FactWords = Pick<PageWords, "language" | "t" | "exact" | "share" | "count" | "span"> & {
  /** Its id where nobody knows the point. */
  readonly point: (id: string) => string;
};

/** A part of a work in words; empty where it says nothing. */
export function partText(part: ObraPart, obra: Obra, words: FactWords): string {
  const { t } = words;
  const { right, knownDefect, ids } = obra;
  const minutes = (value: number | null) => (value === null ? "" : words.span(value * 60_000));
  switch (part) {
    case "name": return obra.name;
    case "client": return obra.client;
    case "standard": return `${t(`page.obra.standard.${obra.standard}`)}${obra.everyMinutes === null ? "" : ` · ${minutes(obra.everyMinutes)}`}`;
    case "water": return t(`page.obra.water.${obra.water}`);
    case "level": return obra.levelMayBeMissing ? t("page.obra.level.missing") : "";
    case "centre": return obra.centreRut;
    case "informant": return obra.informantRut;
    case "feeds": return obra.feeds.map(({ quantity, point, variable }) => `${t(`page.quantity.${quantity}`)}: ${words.point(point)} · ${variable}`).join("\n");
    case "right-flow": return right.flowLps === null ? "" : `${words.exact(right.flowLps)} L/s`;
    case "right-annual": return right.annualM3 === null ? "" : `${words.exact(right.annualM3)} m³`;
    case "right-monthly": return monthsText(right.monthly, words);
    case "right-tolerance": return words.share(right.tolerance);
    case "delay": return obra.permittedDelayDays === null ? "" : t("page.obra.days", { days: words.count(obra.permittedDelayDays) });
    case "window": return minutes(obra.windowMinutes);
    case "settle": return minutes(obra.settleMinutes);
    case "defect": return knownDefect === null ? "" : [knownDefect.reason, instantText(knownDefect.sinceMs, words)].filter((text) => text !== "").join(" · ");
    case "from": return instantText(obra.submitFromMs, words);
    case "ends": return instantText(obra.endsMs, words);
    case "mode": return t(`page.obra.mode.${obra.mode}`);
    case "ids": return ids === null ? "" : [ids.ufId, ids.procesoId, ids.dispositivoId].join(" · ");
  }
}

function monthsText(months: Obra["right"]["monthly"], words: FactWords): string {
  return months.flatMap((month, index) => {
    if (month === null) return [];
    const figures = [month.flowLps === null ? "" : `${words.exact(month.flowLps)} L/s`, month.volumeM3 === null ? "" : `${words.exact(month.volumeM3)} m³`];
    return [`${monthName(index + 1, words.language, "short")}: ${figures.filter((figure) => figure !== "").join(", ")}`];
  }).join(" · ");
}

/** The day alone where it is a midnight of the regulator's. */
function instantText(timeMs: number | null, { language }: FactWords): string {
  if (timeMs === null) return "";
  return (timeMs - 4 * 3_600_000) % DAY_MS === 0 ? regulatorDayText(timeMs, language) : regulatorMinute(timeMs, language);
}

export interface ObraDifference {
  readonly part: ObraPart;
  readonly before: string;
  readonly after: string;
}

/** What another version says otherwise, both in words; of a new work, all that it says. */
export function differences(before: Obra | null, after: Obra, words: FactWords): ObraDifference[] {
  return obraParts
    .filter((part) => (before === null ? partText(part, after, words) !== "" : partValue(part, before) !== partValue(part, after)))
    .map((part) => ({ part, before: before === null ? "" : partText(part, before, words), after: partText(part, after, words) }));
}
