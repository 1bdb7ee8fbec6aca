import type { Arguments } from "../commandline/arguments.ts";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";

interface Decision {
  readonly id: string;
  readonly variable: string;
  readonly at: string;
  readonly kind: string;
  readonly state: string;
  readonly said: boolean;
  readonly baseline: number | null;
  readonly count: number | null;
  readonly volumeM3: number | null;
}

interface Replied {
  readonly decision: Decision;
  readonly next: string | null;
}

interface Recount {
  readonly point: string;
  readonly state: "waiting" | "done";
  readonly causes: readonly string[];
  readonly from: string | null;
  readonly since: string;
  readonly doneAt: string | null;
  readonly facts: number;
  readonly days: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly decisionsMade: number;
  readonly decisionsGone: number;
}

const filters = ["client", "point", "kind", "state", "from", "to"] as const;
const shown = (value: number | null): string => (value === null ? "-" : String(value));

export const totaliserLs: Command = {
  name: "totaliser ls",
  usage: "[--point POINT] [--client CLIENT] [--kind KIND] [--state made|gone] [--from TIME] [--to TIME] [--limit N] [--cursor CURSOR]",
  spec: { values: [...filters.map((name) => `--${name}`), ...pagingFlags] },
  async run(context) {
    const page = await context.api().get<ListPage<Decision>>(`/api/v1/totaliser/decisions${listQuery(context.arguments.flags, filters)}`);
    printPage(context, page, ({ id, at, kind, state, said, baseline, count, volumeM3 }) => [id, at, said ? `${kind} (${context.say("totaliser.said")})` : kind, state, `${shown(baseline)} → ${shown(count)}`, volumeM3 === null ? "-" : `${volumeM3} m3`]);
    return exitCodes.ok;
  },
};

const recountFilters = ["client", "point", "state"] as const;

export const totaliserRecounts: Command = {
  name: "totaliser recounts",
  usage: "[--point POINT] [--client CLIENT] [--state waiting|done] [--limit N] [--cursor CURSOR]",
  spec: { values: [...recountFilters.map((name) => `--${name}`), ...pagingFlags] },
  async run(context) {
    const page = await context.api().get<ListPage<Recount>>(`/api/v1/totaliser/recounts${listQuery(context.arguments.flags, recountFilters)}`);
    const { say: words } = context;
    printPage(context, page, ({ point, state, causes, from, since, doneAt, facts, days, first, last, decisionsMade, decisionsGone }) => [
      point, state === "waiting" ? words("totaliser.recount-waiting", { since }) : words("totaliser.recount-done", { at: doneAt ?? since }), causes.join(" "), from ?? "-",
      state === "waiting" ? "" : facts === 0 ? words("totaliser.recount-none") : words("totaliser.recount-changed", { facts, days, first: first ?? "-", last: last ?? "-", made: decisionsMade, gone: decisionsGone }),
    ]);
    return exitCodes.ok;
  },
};

const counts = { "--modulus": "modulus", "--final": "finalCount", "--initial": "initialCount" } as const;

async function say(verdict: "confirm" | "correct" | "undo", { arguments: { positionals: [id], flags }, api, json, terminal, say: words, usageError }: CommandContext): Promise<number> {
  if (id === undefined) throw usageError(words("totaliser.id-missing"));
  const reason = flags["--reason"];
  if (reason === undefined) throw usageError(words("totaliser.reason-missing"));
  const body = { verdict, reason, ...(flags["--as"] === undefined ? {} : { as: flags["--as"] }), ...numbers(flags, (text) => usageError(words("totaliser.bad-count", { text }))) };
  const replied = await api().send<Replied>("POST", `/api/v1/totaliser/decisions/${encodeURIComponent(id)}/verdict`, { body });
  if (json) terminal.json(replied);
  else {
    terminal.line(words(`totaliser.${verdict}`, { kind: replied.decision.kind, at: replied.decision.at }));
    if (replied.next !== null) terminal.line(terminal.paint("dim", `→ ${replied.next}`));
  }
  return exitCodes.ok;
}

function numbers(flags: Arguments["flags"], fail: (text: string) => Error): Record<string, number> {
  const given: Record<string, number> = {};
  for (const [flag, field] of Object.entries(counts)) {
    const text = flags[flag];
    if (text === undefined) continue;
    if (!/^\d+(\.\d+)?$/.test(text)) throw fail(`${flag} ${text}`);
    given[field] = Number(text);
  }
  return given;
}

export const totaliserConfirm: Command = {
  name: "totaliser confirm",
  usage: "ID --reason TEXT [--modulus N]",
  spec: { values: ["--reason", "--modulus"], words: 1 },
  run: (context) => say("confirm", context),
};

export const totaliserCorrect: Command = {
  name: "totaliser correct",
  usage: "ID --reason TEXT [--as reset|rollover|swap|accept|ignore] [--modulus N] [--final COUNT] [--initial COUNT]",
  spec: { values: ["--reason", "--as", ...Object.keys(counts)], words: 1 },
  run: (context) => say("correct", context),
};

export const totaliserUndo: Command = {
  name: "totaliser undo",
  usage: "ID --reason TEXT",
  spec: { values: ["--reason"], words: 1 },
  run: (context) => say("undo", context),
};
