import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";
import { givenBytes, savedBytes } from "./dga-files.ts";
import { COMPLIANCE, namedVerb } from "./dga-named.ts";

interface Obra {
  readonly work: string;
  readonly client: string;
  readonly name: string;
  readonly standard: string;
  readonly water: string;
  readonly mode: string;
  readonly version: number;
  readonly feeds: readonly { readonly quantity: string; readonly point: string; readonly variable: string }[];
}

interface Plan {
  readonly counts: { readonly new: number; readonly changed: number; readonly unchanged: number; readonly refused: number };
  readonly written: number;
  readonly rows: readonly {
    readonly line: number;
    readonly work: string | null;
    readonly outcome: string;
    readonly changes: readonly { readonly field: string; readonly old: string; readonly new: string }[];
    readonly errors: readonly { readonly column: string; readonly detail: string }[];
  }[];
}

const filters = ["client", "regulator"] as const;
const IMPORT_MS = 600_000;

export const dgaObras: Command = {
  name: "dga obras",
  usage: "[ls [--client CLIENT] [--regulator dga|sma] | export [FILE] [--client CLIENT] | import FILE|- [--reason TEXT] [--dry-run]]",
  spec: { values: ["--reason", ...filters.map((name) => `--${name}`), ...pagingFlags], switches: ["--dry-run"], words: 2 },
  async run(context) {
    const { api, arguments: { positionals: [word, file], flags } } = context;
    const verb = namedVerb(word, ["ls", "export", "import"], context);
    if (verb === "import") return importObras(context, file);
    if (verb === "export") {
      await savedBytes(await api().bytes(`${COMPLIANCE}/obras/export${listQuery(flags, filters)}`), file, context);
      return exitCodes.ok;
    }
    const page = await api().get<ListPage<Obra>>(`${COMPLIANCE}/obras${listQuery(flags, filters)}`);
    printPage(context, page, ({ work, client, name, standard, water, mode, feeds }) => [work, client, name, standard, water, mode, feeds.map(({ quantity, point, variable }) => `${quantity}=${point}.${variable}`).join(" ")]);
    return exitCodes.ok;
  },
};

/** Exit code 1 when a row was refused. */
async function importObras(context: CommandContext, file: string | undefined): Promise<number> {
  const { api, json, terminal, say, arguments: { flags } } = context;
  const dryRun = flags["--dry-run"] !== undefined;
  const query = new URLSearchParams({ dryRun: String(dryRun), ...(flags["--reason"] === undefined ? {} : { reason: flags["--reason"] }) });
  const plan = await api().send<Plan>("POST", `${COMPLIANCE}/obras/import?${query}`, { raw: { bytes: await givenBytes(file, context), type: "text/csv" }, timeoutMs: IMPORT_MS });
  if (json) terminal.json(plan);
  else {
    for (const { line, work, outcome, changes, errors } of plan.rows) {
      if (outcome === "unchanged") continue;
      terminal.line(`${say("dga.line", { line })}  ${terminal.paint("bold", work ?? "-")}  ${outcome}`);
      for (const { field, old, new: after } of changes) terminal.line(`  ${field}: ${old === "" ? "-" : old} → ${after === "" ? "-" : after}`);
      for (const { column, detail } of errors) terminal.line(terminal.paint("red", `  ${column}: ${detail}`));
    }
    const { new: added, ...counts } = plan.counts;
    terminal.line(say(dryRun ? "dga.obras-would" : "dga.obras-plan", { added, ...counts }));
    if (dryRun) terminal.line(say("dga.nothing-written"));
  }
  return plan.counts.refused > 0 ? exitCodes.finding : exitCodes.ok;
}
