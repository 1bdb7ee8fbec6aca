import { objectOf, shown } from "../answer-text.ts";
import type { Answer, Outcome } from "../regulator.ts";

/**
 * What came of a POST of registers. 200 and 201 with a JSON body are success, the receipt stands for the voucher; 400, 401 and 403 of the service's own are refusals, 403 for
 * good: the user may not send for this process. What is not the service's own answer leaves the outcome unknown, and as it tells of no duplicates a person looks at it.
 */
export function outcomeOf({ status, body }: Answer): Outcome {
  const said = objectOf(body);
  const message = shown(typeof said?.["mensaje"] === "string" ? said["mensaje"] : body);
  if (status >= 500) return { kind: "unknown", why: "server-fault", message };
  if (status === 429 || (status === 403 && said === undefined)) return { kind: "unknown", why: "blocked", message };
  if (said === undefined) return { kind: "unknown", why: "not-understood", message };
  if (status === 200 || status === 201) return { kind: "accepted", voucher: receiptOf(said), by: "answer", message };
  if (status >= 400) return { kind: "refused", permanent: status === 403, code: String(status), message };
  return { kind: "unknown", why: "not-understood", message };
}

function receiptOf(said: Readonly<Record<string, unknown>>): string | null {
  const receipt = said["IdVerificacion"];
  if (typeof receipt === "number" && Number.isSafeInteger(receipt)) return String(receipt);
  return typeof receipt === "string" && receipt.trim() !== "" ? receipt.trim() : null;
}
