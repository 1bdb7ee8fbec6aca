import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

interface Corrected {
  readonly value: number | null;
  readonly restored: boolean;
  readonly facts: readonly { readonly at: string; readonly after: number | null; readonly before: { readonly value: number | null; readonly reasons: readonly string[]; readonly authority: number } | null }[];
  readonly next: string | null;
}

const needed = ["--point", "--variable", "--reason"] as const;

export const correct: Command = {
  name: "correct",
  usage: "--point POINT --variable VARIABLE (--at TIME | --from TIME --to TIME) (--value NUMBER | --withdraw | --restore) --reason TEXT [--dry-run]",
  spec: { values: [...needed, "--at", "--from", "--to", "--value"], switches: ["--withdraw", "--restore", "--dry-run"] },
  async run({ arguments: { flags }, api, json, terminal, say, usageError }) {
    for (const flag of needed) if (flags[flag] === undefined) throw usageError(say("correct.missing", { flag }));
    const { "--point": point = "", "--variable": variable, "--reason": reason, "--at": at, "--from": from, "--to": to, "--value": value } = flags;
    const dryRun = flags["--dry-run"] !== undefined;
    if ([value, flags["--withdraw"], flags["--restore"]].filter((said) => said !== undefined).length !== 1) throw usageError(say("correct.value-or-withdraw"));
    if ((at === undefined) === (from === undefined && to === undefined)) throw usageError(say("correct.at-or-span"));
    if (value !== undefined && (value.trim() === "" || !Number.isFinite(Number(value)))) throw usageError(say("correct.bad-value", { text: value }));
    const span = at === undefined ? { from, to } : { at };
    const body = { variable, reason, ...span, ...(value !== undefined ? { value: Number(value) } : flags["--withdraw"] !== undefined ? { withdraw: true } : { restore: true }), ...(dryRun ? { dryRun } : {}) };
    const corrected = await api().send<Corrected>("POST", `/api/v1/points/${encodeURIComponent(point)}/corrections`, { body });
    if (json) terminal.json(corrected);
    else {
      const shown = (number: number | null): string => (number === null ? say("correct.withdrawn") : String(number));
      const after = corrected.restored ? say("correct.restored") : shown(corrected.value);
      if (dryRun) terminal.table(corrected.facts.map(({ at: time, before, after: then }) => [time, `${before?.value ?? "-"} → ${shown(then)}`, before?.reasons.join(" ") ?? ""]));
      terminal.line(say(dryRun ? "correct.would" : "correct.done", { count: corrected.facts.length, value: after }));
      if (corrected.next !== null) terminal.line(terminal.paint("dim", `→ ${corrected.next}`));
    }
    return exitCodes.ok;
  },
};
