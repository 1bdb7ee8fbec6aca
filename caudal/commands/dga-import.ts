import type { Command, CommandContext } from "../commandline/command.ts";
import { durationText } from "../commandline/duration-text.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { givenBytes } from "./dga-files.ts";
import { COMPLIANCE } from "./dga-named.ts";
import { RUN_MS } from "./dga-run.ts";

interface Imported {
  readonly lines: number;
  readonly imported: number;
  readonly already: number;
  readonly refusedLines: number;
  readonly refused: readonly { readonly line: number; readonly why: string; readonly text: string; readonly detail: string }[];
}

/** Lines that are sent at once, so that a file of any length shows how far it is. A dry run reads only, and tells lines that stand twice among those that it has at once. */
const linesAtOnce = { write: 2000, dryRun: 50_000 } as const;
const MOST_SHOWN = 1000;

/** Exit code 1 when a line was refused. A file may be imported again: what is recorded stays as it is. */
export const dgaImport: Command = {
  name: "dga import",
  usage: "FILE|- [--dry-run]",
  spec: { switches: ["--dry-run"], words: 1 },
  async run(context) {
    const { json, terminal, say, arguments: { positionals: [file], flags } } = context;
    const dryRun = flags["--dry-run"] !== undefined;
    const [names = "", ...lines] = new TextDecoder().decode(await givenBytes(file, context)).split("\n");
    const report = await imported(context, { names, lines, dryRun });
    const { imported: recorded, already: known, refusedLines: refused } = report;
    if (json) terminal.json({ dryRun, ...report });
    else {
      for (const { line, text, detail } of report.refused) terminal.line(terminal.paint("red", `${say("dga.line", { line })}  ${text}: ${detail}`));
      terminal.line(say(dryRun ? "dga.would-import" : "dga.imported", { recorded, known, refused }));
    }
    return refused > 0 ? exitCodes.finding : exitCodes.ok;
  },
};

async function imported({ api, terminal }: CommandContext, { names, lines, dryRun }: { readonly names: string; readonly lines: readonly string[]; readonly dryRun: boolean }): Promise<Imported> {
  const atOnce = dryRun ? linesAtOnce.dryRun : linesAtOnce.write;
  const startMs = performance.now();
  const refused: Imported["refused"][number][] = [];
  const sum = { lines: 0, imported: 0, already: 0, refusedLines: 0 };
  try {
    for (let from = 0; from === 0 || from < lines.length; from += atOnce) {
      const bytes = new TextEncoder().encode([names, ...lines.slice(from, from + atOnce)].join("\n"));
      const part = await api().send<Imported>("POST", `${COMPLIANCE}/import?dryRun=${dryRun}`, { raw: { bytes, type: "text/csv" }, timeoutMs: RUN_MS });
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += part[name];
      // Each part begins with the line of names.
      refused.push(...part.refused.slice(0, MOST_SHOWN - refused.length).map((each) => ({ ...each, line: each.line === 1 ? 1 : each.line + from })));
      const done = Math.min(lines.length, from + atOnce);
      const perS = done / ((performance.now() - startMs) / 1000);
      terminal.status(`${done} / ${lines.length} | ${Math.round(perS)}/s | ${durationText((lines.length - done) / perS)}`);
      if (part.lines === 0 && part.refusedLines > 0) break;
    }
  } finally {
    terminal.status("");
  }
  return { ...sum, refused };
}
