import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Mode } from "./catalogue.ts";

export interface Options {
  readonly mode: Mode;
  readonly runs: number;
  readonly series: string;
  /** One seed alone. */
  readonly only: string | undefined;
  /** Runs without kills: writes the catalogue of points anew. */
  readonly learn: boolean;
  readonly json: boolean;
  /** Installations that run side by side. */
  readonly lanes: number;
  /** Runs on one data folder. */
  readonly perFolder: number;
  /** Where report.<mode>.json and REPORT.md go: this folder after a whole series; undefined for none. */
  readonly report: string | undefined;
}

export const usage = `node regression/integrity/kill-runs/main.ts [--runs 200] [--seed SERIES] [--engines] [--only SEED] [--lanes 1] [--per-folder 20] [--report FOLDER] [--learn] [--json]`;

/** Runs of a series whose figures are kept. */
const WHOLE_SERIES: Readonly<Record<Mode, number>> = { embedded: 200, engines: 50 };

/** Throws TypeError, with words for whoever wrote the line. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args], strict: true,
    options: {
      runs: { type: "string" }, seed: { type: "string", default: "1" }, engines: { type: "boolean", default: false }, only: { type: "string" }, learn: { type: "boolean", default: false },
      json: { type: "boolean", default: false }, lanes: { type: "string", default: "1" }, "per-folder": { type: "string", default: "20" }, report: { type: "string" },
    },
  });
  const mode: Mode = values.engines ? "engines" : "embedded";
  const seed = /^[A-Za-z0-9._-]{1,60}$/;
  for (const text of [values.seed, values.only ?? "x"]) if (!seed.test(text)) throw new TypeError(`a seed has letters, digits, dots and dashes: ${text}`);
  const runs = values.only === undefined ? counted("--runs", values.runs ?? String(WHOLE_SERIES[mode])) : 1;
  const own = runs >= WHOLE_SERIES[mode] ? fileURLToPath(new URL(".", import.meta.url)) : undefined;
  return {
    mode, series: values.seed, only: values.only, learn: values.learn, json: values.json, report: values.report ?? own, runs,
    lanes: mode === "engines" || values.only !== undefined || values.learn ? 1 : counted("--lanes", values.lanes),
    perFolder: counted("--per-folder", values["per-folder"]),
  };
}

function counted(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new TypeError(`${flag}: a whole number from 1, not ${text}`);
  return number;
}
