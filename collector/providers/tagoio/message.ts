import { isObject, member } from "../../decode/object-reader.ts";
import { readJsonAnswer } from "../answer-json.ts";
import type { Answer, Failure, FailureKind } from "../provider.ts";

const meanings: readonly (readonly [RegExp, FailureKind])[] = [
  [/limit|too many|exceed/i, "rate_limited"],
  [/authori|token|permission|denied|expired/i, "auth_failed"],
  [/not found|does not exist|invalid/i, "config_error"],
];

/** What the message of a false status says; one that nobody knows may pass, so it is asked again. */
export function messageFailure(message: unknown, status: number): Failure {
  const text = typeof message === "string" ? message.slice(0, 200) : "no message";
  const kind = meanings.find(([words]) => words.test(text))?.[1] ?? "request_failed";
  return { kind, detail: `status false: ${text}`, status };
}

/** 400 comes now and then for requests that are good a moment later: it is tried again, unless it says that the token or the number of calls is to blame. */
export function classify(answer: Answer): Failure | undefined {
  if (answer.status !== 400) return undefined;
  const json = readJsonAnswer(answer);
  const told = json.ok && isObject(json.value) ? messageFailure(member(json.value, "message"), answer.status) : undefined;
  if (told?.kind === "auth_failed" || told?.kind === "rate_limited") return told;
  return { kind: "request_failed", detail: told === undefined ? "400, which comes now and then for good requests" : `400, which comes now and then for good requests: ${told.detail}`, status: answer.status };
}
