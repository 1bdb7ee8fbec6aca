import { parseArgs } from "node:util";
import { CaudalError } from "@caudal/core";

/** What a command takes after its name. `values` names flags with a value, `switches` those without. */
export interface ArgumentSpec {
  readonly values?: readonly string[];
  readonly switches?: readonly string[];
}

export interface Arguments {
  readonly positionals: readonly string[];
  /** Flags with their dashes, as settings specs name them; a switch that is given is "on". */
  readonly flags: Readonly<Record<string, string>>;
}

/** Flags that every command takes. */
const everywhere: Required<ArgumentSpec> = { values: ["--data", "--url", "--token", "--lang"], switches: ["--json", "--help"] };

/** Fails with "bad-request" on a flag that the command does not know: a typing error must not pass for a default. */
export function parseArguments(argv: readonly string[], spec: ArgumentSpec = {}): Arguments {
  const values = [...everywhere.values, ...(spec.values ?? [])];
  const switches = [...everywhere.switches, ...(spec.switches ?? [])];
  const options = Object.fromEntries([
    ...values.map((flag) => [flag.slice(2), { type: "string" as const }]),
    ...switches.map((flag) => [flag.slice(2), { type: "boolean" as const }]),
  ]);
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    const flags = Object.entries(parsed.values).map(([name, value]) => [`--${name}`, value === true ? "on" : String(value)]);
    return { positionals: parsed.positionals, flags: Object.fromEntries(flags) as Record<string, string> };
  } catch (error) {
    throw new CaudalError("bad-request", error instanceof Error ? error.message : String(error));
  }
}
