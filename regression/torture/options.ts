import { parseArgs } from "node:util";

/** What `npm run torture -- …` was asked for. */
export interface TortureOptions {
  /** Names of scenarios; none = all. */
  readonly names: readonly string[];
  readonly seed: string;
  /** Messages a second. */
  readonly ratePerS: number;
  /** Share of each trouble's own length. */
  readonly scale: number;
  readonly nodes: 1 | 3;
  /** Written when given: the table as Markdown, and everything as JSON. */
  readonly report: string | undefined;
  readonly json: string | undefined;
  /** Folder for what the services printed, of each scenario that fails. */
  readonly logs: string | undefined;
  readonly list: boolean;
}

export const usage = "npm run torture -- [SCENARIO …] [--seed TEXT] [--rate PER_S] [--scale SHARE] [--nodes 1|3] [--report FILE] [--json FILE] [--logs DIR] [--list]";

/** Reads the arguments; throws with the reason on one that it does not know. */
export function readOptions(args: readonly string[]): TortureOptions {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" }, rate: { type: "string", default: "30" }, scale: { type: "string", default: "1" }, nodes: { type: "string", default: "3" },
      report: { type: "string" }, json: { type: "string" }, logs: { type: "string" }, list: { type: "boolean", default: false },
    },
  });
  if (values.nodes !== "1" && values.nodes !== "3") throw new Error(`--nodes is 1 or 3, not "${values.nodes}"`);
  return {
    names: positionals, seed: values.seed, ratePerS: positive("--rate", values.rate), scale: positive("--scale", values.scale), nodes: values.nodes === "1" ? 1 : 3,
    report: values.report, json: values.json, logs: values.logs, list: values.list,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`${name} takes a number above 0, not "${text}"`);
  return value;
}
