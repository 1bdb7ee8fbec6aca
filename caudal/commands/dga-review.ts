import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, type ListPage } from "../commandline/listing.ts";
import { COMPLIANCE, namedReason, namedSlot, namedVerb, namedWork, regulatorTime } from "./dga-named.ts";
import { valuesText, type Values } from "./dga-status.ts";

interface Waiting {
  readonly work: string;
  readonly name: string;
  readonly slot: string;
  readonly local: string;
  readonly standing: string;
  readonly why: readonly { readonly code: string; readonly text: string }[];
  readonly values: Values | null;
  readonly right: { readonly flowLps: number | null; readonly tolerance: number };
  readonly blocked: { readonly text: string; readonly field: string } | null;
  readonly neighbours: readonly { readonly local: string; readonly standing: string; readonly values: Values | null }[];
  readonly edit: { readonly author: string; readonly values: Values; readonly reason: string } | null;
}

const verbs = ["ls", "confirm", "annul", "edit", "approve", "decline"] as const;
const valueFlags = { "--flow": "flowLps", "--total": "totalM3", "--depth": "depthM", "--stage": "stageM" } as const;
const listFilters = ["client", "standing"] as const;

export const dgaReview: Command = {
  name: "dga review",
  usage: "[ls [--client CLIENT] [--standing STANDING] | confirm|annul|approve|decline WORK SLOT --reason TEXT | edit WORK SLOT --reason TEXT [--flow L/s] [--total M3] [--depth M] [--stage M] [--code instrument-fault|missing-value|other]]",
  spec: { values: ["--reason", "--code", ...Object.keys(valueFlags), ...listFilters.map((name) => `--${name}`), ...pagingFlags], words: 3 },
  async run(context) {
    const { positionals: [word, name, slot] } = context.arguments;
    const verb = namedVerb(word, verbs, context);
    if (verb === "ls") return list(context);
    const { tail, work } = namedWork(name, context);
    const instant = namedSlot(slot, context);
    const path = `${COMPLIANCE}/review/${tail}/${encodeURIComponent(instant)}`;
    const reason = namedReason(context);
    if (verb === "confirm" || verb === "annul") return decide(context, path, { work, body: { decision: verb, reason } });
    const told = { edit: "dga.edit-proposed", approve: "dga.edit-approved", decline: "dga.edit-declined" } as const;
    const edited = verb === "edit" ? await context.api().send("POST", `${path}/edit`, { body: { values: givenValues(context), reason, ...codeOf(context) } }) : await context.api().send("POST", `${path}/edit/${verb}`, { body: { reason } });
    if (context.json) context.terminal.json(edited);
    else context.terminal.line(context.say(told[verb], { work, slot: regulatorTime(instant) }));
    return exitCodes.ok;
  },
};

async function decide({ api, json, terminal, say }: CommandContext, path: string, { work, body }: { readonly work: string; readonly body: object }): Promise<number> {
  const slot = await api().send<{ slot: string; standing: string }>("POST", path, { body });
  if (json) terminal.json(slot);
  else terminal.line(say("dga.reviewed", { work, slot: regulatorTime(slot.slot), standing: slot.standing }));
  return exitCodes.ok;
}

/** Exit code 1 while something waits. */
async function list(context: CommandContext): Promise<number> {
  const { api, json, terminal, say, arguments: { flags } } = context;
  const page = await api().get<ListPage<Waiting>>(`${COMPLIANCE}/review${listQuery(flags, listFilters)}`);
  const ended = page.items.length === 0 ? exitCodes.ok : exitCodes.finding;
  if (json) terminal.json(page);
  else if (page.items.length === 0) terminal.line(say("cli.none"));
  else {
    for (const item of page.items) print(item, context);
    if (page.next) terminal.line(say("cli.more", { cursor: page.next }));
    terminal.line(terminal.paint("dim", `→ ${say("dga.review-next")}`));
  }
  return ended;
}

function print({ work, name, local, standing, why, values, right, blocked, neighbours, edit }: Waiting, { terminal, say }: CommandContext): void {
  terminal.line(`${terminal.paint("bold", `${work} ${local.slice(0, 16)}`)}  ${name}  ${standing}  ${terminal.paint("yellow", why.map(({ text }) => text).join("; "))}`);
  terminal.table([
    ...neighbours.filter((neighbour) => neighbour.local < local).map((neighbour) => [`  ${neighbour.local.slice(0, 16)}`, valuesText(neighbour.values), neighbour.standing]),
    [`  ${local.slice(0, 16)}`, valuesText(values), `← ${say("dga.review-values")}`],
    ...neighbours.filter((neighbour) => neighbour.local > local).map((neighbour) => [`  ${neighbour.local.slice(0, 16)}`, valuesText(neighbour.values), neighbour.standing]),
  ]);
  if (right.flowLps !== null) terminal.line(`  ${say("dga.review-right")}: ${right.flowLps} L/s (+${Math.round(right.tolerance * 100)} %)`);
  if (blocked !== null) terminal.line(terminal.paint("red", `  ${say("dga.review-blocked", { why: `${blocked.text} (${blocked.field})` })}`));
  if (edit !== null) terminal.line(terminal.paint("cyan", `  ${say("dga.review-edit", { author: edit.author, values: valuesText(edit.values), reason: edit.reason })}`));
}

function givenValues({ arguments: { flags }, say, usageError }: CommandContext): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [flag, member] of Object.entries(valueFlags)) {
    const text = flags[flag];
    if (text === undefined) continue;
    if (!/^\d+(\.\d+)?$/.test(text)) throw usageError(say("dga.bad-number", { flag, text }));
    values[member] = Number(text);
  }
  if (Object.keys(values).length === 0) throw usageError(say("dga.edit-nothing"));
  return values;
}

function codeOf({ arguments: { flags } }: CommandContext): { readonly code?: string } {
  return flags["--code"] === undefined ? {} : { code: flags["--code"] };
}
