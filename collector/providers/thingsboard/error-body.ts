import { member, isObject, type JsonObject } from "../../decode/object-reader.ts";
import { readJsonAnswer } from "../answer-json.ts";
import type { Answer, Failure } from "../provider.ts";

const TOKEN_ERRORS = new Map<unknown, string>([
  [10, "user or password refused"],
  [11, "the token has expired"],
  [15, "the password has expired"],
  [20, "the account may not read this"],
]);

/** Some gateways pass the platform's errors on under another status. */
export function isTokenError(body: JsonObject): boolean {
  return TOKEN_ERRORS.has(member(body, "errorCode"));
}

export function tokenFailure(body: JsonObject, status: number): Failure {
  const code = member(body, "errorCode");
  return { kind: "auth_failed", detail: `${TOKEN_ERRORS.get(code) ?? "refused"} (errorCode ${String(code)})`, status };
}

/** Says which of the platform's reasons a 401 or 403 has. */
export function classifyTokenError(answer: Answer): Failure | undefined {
  if (answer.status !== 401 && answer.status !== 403) return undefined;
  const json = readJsonAnswer(answer);
  return json.ok && isObject(json.value) && isTokenError(json.value) ? tokenFailure(json.value, answer.status) : undefined;
}
