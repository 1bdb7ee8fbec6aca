import { objectOf } from "../answer-text.ts";
import type { Answer, FrozenPayload, Verification } from "../regulator.ts";

const ACCEPTED = "00";
const DAY_FIRST = /^(\d{2})-(\d{2})-(\d{4})$/;

/** What we call each field when we send it, and what it is called when it is asked for. */
const names: Readonly<Record<string, readonly string[]>> = {
  fechaMedicion: ["fecha", "fechaMedicion"], horaMedicion: ["hora", "horaMedicion"], caudal: ["caudal"], totalizador: ["totalizador"],
  nivelFreaticoDelPozo: ["nivel", "nivelFreaticoDelPozo"], alturaLimnimetrica: ["alturaLimnimetrica"],
};

/** Holds what the regulator has against what was sent: dates in either order, numbers as numbers, since zeros at the end get lost there. */
export function verificationOf(payload: FrozenPayload, answer: Answer | undefined): Verification {
  const said = answer === undefined || answer.status >= 500 ? undefined : objectOf(answer.body);
  if (said === undefined) return { kind: "unknown", message: answer === undefined ? "" : `HTTP ${answer.status}` };
  const { data } = said;
  const message = typeof said["message"] === "string" ? said["message"] : "";
  if (String(said["status"]) !== ACCEPTED || typeof data !== "object" || data === null) return { kind: "not-found", message };
  const held = data as Readonly<Record<string, unknown>>;
  const fields = Object.entries(sentFields(payload)).flatMap(([field, sent]) => {
    const found = (names[field] ?? [field]).map((name) => held[name]).find((value) => value !== undefined && value !== null);
    const value = found === undefined ? "" : String(found);
    return same(field, sent, value) ? [] : [{ field, sent, held: value }];
  });
  return fields.length === 0 ? { kind: "verified" } : { kind: "mismatch", fields };
}

function sentFields({ body }: FrozenPayload): Readonly<Record<string, string>> {
  const { autenticacion: _, ...rest } = JSON.parse(body) as Record<string, Record<string, string>>;
  return Object.values(rest)[0] ?? {};
}

function same(field: string, sent: string, held: string): boolean {
  if (field === "fechaMedicion") return held.trim().replace(DAY_FIRST, "$3-$2-$1") === sent;
  if (field === "horaMedicion" || sent === "" || held.trim() === "") return held.trim() === sent;
  return Number(held) === Number(sent);
}
