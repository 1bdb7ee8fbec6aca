import { parseArgs } from "node:util";

/** What `npm run bench -- …` was asked for. */
export interface BenchOptions {
  /** Names of benchmarks; none = all that do not ask to be named. */
  readonly names: readonly string[];
  readonly list: boolean;
  /** Length of a comparison instead of each benchmark's own. */
  readonly seconds?: number;
  /** File that the results are written to as JSON. */
  readonly json?: string;
  /** Servers of the run's own, whatever the environment names. */
  readonly own: boolean;
  /** Holds what ran against its baseline. */
  readonly compare: boolean;
  /** Makes what ran the new baselines. */
  readonly keep: boolean;
  /** Measures nothing: writes the table of targets from the kept baselines. */
  readonly targets: boolean;
}

export const usage = "npm run bench -- [NAME …] [--json FILE] [--seconds N] [--own] [--compare] [--keep] [--list] [--targets]";

/** Reads the arguments; throws with the reason on one that it does not know. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "string" }, seconds: { type: "string" }, list: { type: "boolean", default: false }, own: { type: "boolean", default: false },
      compare: { type: "boolean", default: false }, keep: { type: "boolean", default: false }, targets: { type: "boolean", default: false },
    },
  });
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0)) throw new Error(`--seconds takes a number above 0, not "${values.seconds}"`);
  return {
    names: positionals, list: values.list, own: values.own, compare: values.compare, keep: values.keep, targets: values.targets,
    ...(seconds === undefined ? {} : { seconds }), ...(values.json === undefined ? {} : { json: values.json }),
  };
}
