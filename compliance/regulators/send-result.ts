import type { Answer, Outcome, SendResult } from "./regulator.ts";
import type { Exchanged } from "./wire.ts";

const HIDDEN = "***";

/**
 * What is kept of a POST. A whole answer is understood by the regulator's own rules; of one that was cut only its status counts, where that alone says enough. A secret that
 * the other side repeats is hidden in all texts.
 */
export function sendResult(exchanged: Exchanged, outcomeOf: (answer: Answer) => Outcome, secrets: readonly string[]): SendResult {
  const hide = (text: string): string => hidden(text, secrets);
  if (exchanged.kind === "answered") {
    const { answer: { status, body }, tookMs } = exchanged;
    return { outcome: withoutSecrets(outcomeOf({ status, body }), hide), httpStatus: status, answer: hide(body), tookMs };
  }
  const { why, status, body, tookMs } = exchanged;
  const byStatus = status !== null && (status === 403 || status === 429 || status >= 500) ? outcomeOf({ status, body }) : undefined;
  const outcome: Outcome = byStatus ?? { kind: "unknown", why: why === "redirect" ? "not-understood" : "no-answer", message: why };
  return { outcome: withoutSecrets(outcome, hide), httpStatus: status, answer: body === "" ? null : hide(body), tookMs };
}

function withoutSecrets(outcome: Outcome, hide: (text: string) => string): Outcome {
  return outcome.kind === "refused" ? { ...outcome, code: hide(outcome.code), message: hide(outcome.message) } : { ...outcome, message: hide(outcome.message) };
}

/** As it is, and as JSON writes it. */
function hidden(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]).reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
}
