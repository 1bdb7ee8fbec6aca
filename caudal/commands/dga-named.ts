import { formatInstant, parseInstant } from "@caudal/core";
import type { CommandContext } from "../commandline/command.ts";

export const COMPLIANCE = "/api/v1/compliance";
/** The regulator's clock: UTC-4 all year. */
const REGULATOR_ZONE = "Etc/GMT+4";

type Asking = Pick<CommandContext, "say" | "usageError">;

/** A work as the API has it: `OB-0602-7` is of the DGA, `sma/OB-0602-7` says its regulator. */
export interface NamedWork {
  readonly work: string;
  readonly path: string;
  readonly tail: string;
}

/** Usage error where none was named. */
export function namedWork(name: string | undefined, { say, usageError }: Asking): NamedWork {
  const [first = "", second, ...more] = (name ?? "").split("/");
  const [regulator, code] = second === undefined ? ["dga", first] : [first, second];
  if (regulator === "" || code === "" || more.length > 0) throw usageError(say("dga.work-missing"));
  const tail = `${encodeURIComponent(regulator)}/${encodeURIComponent(code)}`;
  return { work: `${regulator}/${code}`, path: `${COMPLIANCE}/obras/${tail}`, tail };
}

/** A time as RFC 3339 in UTC; without an offset it is on the regulator's clock. Usage error for what is no time. */
export function namedInstant(text: string, { say, usageError }: Asking): string {
  const instantUs = parseInstant(text, REGULATOR_ZONE);
  if (instantUs === undefined) throw usageError(say("dga.bad-time", { text }));
  return formatInstant(instantUs);
}

export function namedSlot(text: string | undefined, asking: Asking): string {
  if (text === undefined) throw asking.usageError(asking.say("dga.slot-missing"));
  return namedInstant(text, asking);
}

/** Usage error without one. */
export function namedReason({ arguments: { flags }, say, usageError }: Pick<CommandContext, "arguments" | "say" | "usageError">): string {
  const reason = flags["--reason"];
  if (reason === undefined || reason.trim() === "") throw usageError(say("dga.reason-missing"));
  return reason;
}

/** The first word, which must be one of these; the first of them where there is none. */
export function namedVerb<V extends string>(verb: string | undefined, verbs: readonly [V, ...V[]], { say, usageError }: Asking): V {
  const found = verb === undefined ? verbs[0] : verbs.find((known) => known === verb);
  if (found === undefined) throw usageError(say("dga.unknown-verb", { verb: verb ?? "", verbs: verbs.join(", ") }));
  return found;
}

/** `2026-06-11 13:00` on the regulator's clock. */
export function regulatorTime(instant: string | null): string {
  if (instant === null) return "-";
  return new Date(Date.parse(instant) - 4 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
}
