import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ChangeText, ReplayResult } from "@caudal/processor";
import type { CommandContext } from "../commandline/command.ts";

export type ShownReplay = ReplayResult & { readonly findings: string };
type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Prints every change where `--diff` asks for it, and writes them to the file that `--diff-file` names, each as a JSON object a line. */
export async function showChanges({ arguments: { flags }, terminal, json }: CommandContext, changes: () => Promise<Chunks>): Promise<void> {
  const file = flags["--diff-file"];
  if (file !== undefined) await pipeline(Readable.from(await changes()), createWriteStream(file, { mode: 0o600 }));
  if (flags["--diff"] === undefined) return;
  for await (const change of linesOf(await changes())) {
    if (json) terminal.json(change);
    else terminal.line(changeLine(change, terminal.paint));
  }
}

/** What came of a replay, in a few lines. */
export function printReplay({ terminal, say, arguments: { flags } }: CommandContext, result: ShownReplay): void {
  const { changes, byReason, points, byPoint, compared, days, equalDays, events, applied, examples } = result;
  if (changes === 0) terminal.line(say("replay.nothing", { facts: compared, days, events }));
  else {
    terminal.line(say("replay.changes", { changes, points, facts: compared, days: days - equalDays, allDays: days }));
    for (const reason of ["lost", "altered", "unconfirmed"] as const) if (byReason[reason] > 0) terminal.line(`  ${say(`replay.${reason}`, { count: byReason[reason] })}`);
    terminal.table(byPoint.map(({ client, point, changes: count, lost, altered, unconfirmed }) => [`  ${client}`, point, String(count), `${lost} / ${altered} / ${unconfirmed}`]));
    if (flags["--diff"] === undefined) for (const change of examples) terminal.line(changeLine(change, terminal.paint));
  }
  if (result.remapped > 0) terminal.line(say("replay.remapped", { count: result.remapped }));
  if (applied !== null) terminal.line(say("replay.applied", { ...applied }));
  else if (changes > 0) terminal.line(say("replay.next"));
}

/** What rules that are tried would change: by variable, then by point, then some of it. */
export function printTrial({ terminal, say, arguments: { flags } }: CommandContext, { changes, points, byPoint, byVariable, compared, examples, events }: ShownReplay): void {
  if (changes === 0) return terminal.line(say("rules.nothing", { facts: compared, events }));
  terminal.line(say("rules.changes", { changes, points, facts: compared }));
  for (const { variable, changes: count, values, flags: turned, reasons } of byVariable) {
    terminal.line(`  ${terminal.paint("bold", variable)}  ${say("rules.variable", { changes: count, values })}`);
    terminal.table(Object.entries(turned).sort(([, a], [, b]) => b - a).map(([flag, facts]) => [`    ${flag}`, String(facts)]));
    terminal.table(Object.entries(reasons).map(([reason, { gained, lost }]) => [`    ${reason}`, `+${gained}`, `-${lost}`]));
  }
  if (byPoint.length > 1) terminal.table(byPoint.map(({ client, point, changes: count }) => [`  ${client}`, point, String(count)]));
  if (flags["--diff"] === undefined) for (const change of examples) terminal.line(changeLine(change, terminal.paint));
  terminal.line(say("rules.next"));
}

function changeLine({ client, point, time, variable, reason, before, after }: ChangeText, paint: CommandContext["terminal"]["paint"]): string {
  return `  ${time}  ${client}/${point}  ${variable}  ${paint(reason === "lost" || reason === "appears" ? "yellow" : "red", reason)}  ${stateText(before)} → ${stateText(after)}`;
}

function stateText(state: ChangeText["before"]): string {
  if (state === null) return "-";
  const { value, flag, reasons, authority, knownAt } = state;
  return `${value ?? "null"} [${flag}${reasons.length === 0 ? "" : ` ${reasons.join(",")}`}] (${authority}, ${knownAt})`;
}

async function* linesOf(chunks: Chunks): AsyncGenerator<ChangeText> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as ChangeText;
  }
}
