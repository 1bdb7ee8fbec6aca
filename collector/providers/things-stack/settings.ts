import { z } from "zod";

const id = z.string().regex(/^[a-z0-9](?:[-]?[a-z0-9]){1,35}$/, "expected an id of The Things Stack: 2 to 36 of a-z, 0-9 and single dashes inside");

/** Fields of a message that readings need. What is not asked for is not sent, so that gateways' metadata stay away. */
const neededFields = [
  "up.uplink_message.decoded_payload", "up.uplink_message.f_cnt", "up.uplink_message.f_port", "up.uplink_message.received_at", "up.uplink_message.session_key_id", "simulated",
];

/** What an account of The Things Stack's Storage Integration says. */
export const thingsStackSettings = z.strictObject({
  application: id,
  cluster: z.string().regex(/^[a-z0-9-]{1,30}$/, "expected a cluster such as au1, eu1 or nam1").default("au1"),
  limit: z.int().min(1).max(5000).default(500),
  /** Only messages of this port. */
  fPort: z.int().min(1).max(255).optional(),
  /** Empty asks for whole messages. */
  fieldMask: z.array(z.string().regex(/^[a-z0-9_.]+$/, "expected a field such as up.uplink_message.decoded_payload")).default(neededFields),
  /** Messages that somebody made in the console: with the label `simulated`, or left out. */
  simulated: z.enum(["flag", "drop"]).default("flag"),
  maxPages: z.int().min(1).max(100_000).default(1000),
});

export type ThingsStackSettings = z.output<typeof thingsStackSettings>;
