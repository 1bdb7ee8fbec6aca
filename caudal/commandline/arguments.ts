import { parseArgs } from "node:util";
import type { CommandFailure } from "./command-failure.ts";
import type { CliText } from "./say.ts";

/** What a command takes after its name. `values` names flags with a value, `switches` those without. */
export interface ArgumentSpec {
  readonly values?: readonly string[];
  readonly switches?: readonly string[];
  /** Words without a flag at most; none when absent. */
  readonly words?: number;
}

export interface Arguments {
  readonly positionals: readonly string[];
  /** Flags with their dashes, as settings specs name them; a switch that is given is "on", of a flag given twice the last counts. */
  readonly flags: Readonly<Record<string, string>>;
  /** Every value of a flag that may be given several times, in order. */
  all(flag: string): readonly string[];
}

/** Flags that every command takes. */
const everywhere = { values: ["--data", "--url", "--token", "--lang"], switches: ["--json", "--help"] } as const;

/** Says what is wrong, with the command's usage as the next step. */
export type UsageError = (message: string) => CommandFailure;

/** Fails with "bad-request" on a flag that the command does not know: a typing error must not pass for a default. */
export function parseArguments(argv: readonly string[], spec: ArgumentSpec, { say, usageError }: { say: CliText; usageError: UsageError }): Arguments {
  const values = [...everywhere.values, ...(spec.values ?? [])];
  const switches = [...everywhere.switches, ...(spec.switches ?? [])];
  const options = Object.fromEntries([
    ...values.map((flag) => [flag.slice(2), { type: "string", multiple: true }] as const),
    ...switches.map((flag) => [flag.slice(2), { type: "boolean", multiple: true }] as const),
  ]);
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    const extra = parsed.positionals[spec.words ?? 0];
    if (extra !== undefined) throw usageError(say("cli.extra-word", { word: extra }));
    const given = new Map(Object.entries(parsed.values).map(([name, list]) => [`--${name}`, [list].flat().map((value) => (value === true ? "on" : String(value)))]));
    return {
      positionals: parsed.positionals,
      flags: Object.fromEntries([...given].map(([flag, list]) => [flag, list.at(-1) ?? ""])),
      all: (flag) => given.get(flag) ?? [],
    };
  } catch (error) {
    throw isParseError(error) ? usageError(parseErrorText(error, say)) : error;
  }
}

/** The language asked for on the command line, before anything else of it is understood. */
export function writtenLanguage(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--lang");
  return at === -1 ? argv.find((word) => word.startsWith("--lang="))?.slice("--lang=".length) : argv[at + 1];
}

function isParseError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

function parseErrorText({ code, message }: { code: string; message: string }, say: CliText): string {
  const flag = /'(-[^' ]+)/.exec(message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return say("cli.unknown-flag", { flag });
  return message.includes("does not take an argument") ? say("cli.flag-takes-none", { flag }) : say("cli.flag-without-value", { flag });
}
