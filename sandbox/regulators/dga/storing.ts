import type { Delivery } from "../../server/exchange.ts";
import { htmlReply, jsonReply, type Answered, type Logged, type RegulatorWorld } from "../model.ts";
import type { RegulatorQuirkName } from "../quirks.ts";
import { voucherOf } from "../voucher.ts";
import { otherFlow } from "./held-answer.ts";
import type { Kind } from "./kinds.ts";
import type { Sent } from "./validation.ts";

export interface Storing {
  readonly world: RegulatorWorld;
  readonly nowMs: number;
  readonly shows: (quirk: RegulatorQuirkName) => boolean;
  readonly logged: Omit<Logged, "outcome">;
}

/** Keeps a measurement, and says so well or badly. */
export function stored(kind: Kind, { codigoObra, date, time, instantMs, centre, values }: Sent, { world, nowMs, shows, logged }: Storing): Answered {
  const { held, seed, abuse } = world;
  const before = shows("repeats-voucher") ? held.list({ regulator: "dga", codigoObra }).at(-1)?.voucher : undefined;
  const voucher = before ?? voucherOf(`${seed}/dga/${codigoObra}/${date} ${time}`);
  const forgets = shows("forgets");
  const kept = shows("stores-other-value") ? { ...values, caudal: otherFlow(values["caudal"] ?? "0") } : values;
  if (!forgets) {
    held.add({ regulator: "dga", codigoObra, date, time, instantMs, path: kind.path, values: kept, voucher, atMs: nowMs });
    abuse.sent({ centre, measurement: `${codigoObra} ${date} ${time}`, nowMs });
  }
  const entry: Logged = { ...logged, outcome: "accepted", stored: !forgets, voucher };
  return { ...saying(kind, voucher, shows), logged: entry };
}

function saying({ accepted }: Kind, voucher: string, shows: Storing["shows"]): { readonly reply: Answered["reply"]; readonly delivery?: Delivery } {
  const said = { status: "00", message: accepted };
  const whole = jsonReply(200, { ...said, data: { numeroComprobante: voucher } });
  if (shows("stores-then-drops")) return { reply: whole, delivery: "drop" };
  if (shows("stores-then-hangs")) return { reply: whole, delivery: "hang" };
  if (shows("stores-then-500")) return { reply: jsonReply(500, { status: "500", message: "Error interno" }) };
  if (shows("stores-then-html")) return { reply: htmlReply(200, "Mantenimiento") };
  if (shows("stores-then-half-json")) return { reply: whole, delivery: "half-json" };
  // Both have been met: no voucher at all, and one without a character.
  if (shows("no-voucher")) return { reply: jsonReply(200, voucher.charCodeAt(0) % 2 === 0 ? { ...said, data: { numeroComprobante: "" } } : said) };
  return { reply: whole };
}
