import { objectOf, shown } from "../answer-text.ts";
import type { Answer, Outcome } from "../regulator.ts";

const ACCEPTED = "00";
/** Case and blanks differ between servers. */
const DUPLICATE = /ya\s+existe\s+un\s+registro/i;
const DUPLICATE_VOUCHER = /comprobante:?\s+([0-9a-z]+)/i;
const NOT_INFORMANT = /usuario\s+no\s+es\s+el\s+informante\s+registrado/i;
/** Refused at the ministry's edge, before the regulator saw it: who goes on is blocked for longer. */
const EDGE = new Set([403, 429]);

/**
 * What came of a POST. Only the status "00" is success, whatever the HTTP status; the answer "there is one already" says that it was accepted before. What is no
 * answer of the regulator's leaves the outcome unknown, since the measurement may have been stored. Undefined: none came.
 */
export function outcomeOf(answer: Answer | undefined): Outcome {
  if (answer === undefined) return { kind: "unknown", why: "no-answer", message: "" };
  const { status, body } = answer;
  if (EDGE.has(status)) return { kind: "unknown", why: "blocked", message: shown(body) };
  if (status >= 500) return { kind: "unknown", why: "server-fault", message: shown(body) };
  const said = read(body);
  if (said === undefined) return { kind: "unknown", why: "not-understood", message: shown(body) };
  const { code, voucher } = said;
  const message = shown(said.message);
  if (code === ACCEPTED) return { kind: "accepted", voucher, by: "answer", message };
  if (DUPLICATE.test(said.message)) return { kind: "accepted", voucher: DUPLICATE_VOUCHER.exec(said.message)?.[1] ?? voucher, by: "duplicate", message };
  return { kind: "refused", permanent: NOT_INFORMANT.test(said.message), code, message };
}

function read(body: string): { readonly code: string; readonly message: string; readonly voucher: string | null } | undefined {
  const parsed = objectOf(body);
  if (parsed === undefined || (typeof parsed["status"] !== "string" && typeof parsed["status"] !== "number")) return undefined;
  const { data } = parsed;
  const voucher = typeof data === "object" && data !== null && "numeroComprobante" in data ? data.numeroComprobante : undefined;
  return { code: String(parsed["status"]), message: typeof parsed["message"] === "string" ? parsed["message"] : "", voucher: typeof voucher === "string" && voucher.trim() !== "" ? voucher.trim() : null };
}
