import type { Regulator } from "../regulator.ts";
import { sendResult } from "../send-result.ts";
import { createWire } from "../wire.ts";
import { outcomeOf } from "./answer.ts";
import { freeze } from "./payload.ts";
import { getOf, postOf } from "./request.ts";
import { verificationOf } from "./verification.ts";

/** The DGA's API of effective extractions (MEE). The password travels in the body of each POST and nowhere else; verification needs none. */
export function createDga(baseUrl: string | undefined, { postTimeoutMs, getTimeoutMs }: { readonly postTimeoutMs: number; readonly getTimeoutMs: number }): Regulator {
  const wire = createWire(baseUrl);
  return {
    name: "dga",
    answersDuplicates: true,
    sends: baseUrl !== undefined,
    freeze,
    async send(payload, { credentials: { password }, nowUs, signal }) {
      const exchanged = await wire.exchange(postOf(payload, { password, sentAtUs: nowUs() }), { timeoutMs: postTimeoutMs, signal });
      return sendResult(exchanged, outcomeOf, [password]);
    },
    async verify(payload, voucher, { signal }) {
      const exchanged = await wire.exchange(getOf(payload, voucher), { timeoutMs: getTimeoutMs, signal });
      return exchanged.kind === "answered" ? verificationOf(payload, exchanged.answer) : { kind: "unknown", message: exchanged.why };
    },
  };
}
