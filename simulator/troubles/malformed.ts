import type { Trouble } from "./trouble.ts";

/** Payloads that no edge can read, each with the reason under which Caudal keeps it aside. */
const payloads: readonly (readonly [reason: string, raw: (timeMs: number) => string])[] = [
  ["malformed-json", (timeMs) => `{"ts":${timeMs},"flow_lps":12.`],
  ["no-samples", (timeMs) => `{"ts":${timeMs}}`],
  ["wrong-type", (timeMs) => `{"ts":${timeMs},"flow_lps":[1,2]}`],
  ["not-finite", (timeMs) => `{"ts":${timeMs},"flow_lps":NaN}`],
  ["implausible-time", (timeMs) => `{"ts":7,"flow_lps":${timeMs % 1000}}`],
];

/** A message that says nothing usable, beside the reading. */
export const malformed: Trouble = {
  name: "malformed",
  kinds: ["household", "well", "channel", "kettle"],
  chance: 0.1,
  steps: [1, 1],
  delivery({ random, atUs, stepUs }, { extras, draft }) {
    const [reason, raw] = payloads[random().between(0, payloads.length - 1)]!;
    extras.push({ is: "malformed", atUs: atUs + Math.floor(stepUs / 5), raw: raw(draft.timeUs / 1000), reason });
  },
};
