import type { Answer } from "../providers/provider.ts";

/** Milliseconds that `Retry-After` asks for: whole seconds, or a date, held against the answer's own `Date` where it has one, since clocks differ. */
export function retryAfterMs({ headers }: Pick<Answer, "headers">, nowUs: number): number | undefined {
  const asked = headers["retry-after"]?.trim();
  if (asked === undefined || asked === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(asked)) return Math.ceil(Number(asked) * 1000);
  const untilMs = Date.parse(asked);
  if (Number.isNaN(untilMs)) return undefined;
  const theirNowMs = Date.parse(headers["date"] ?? "");
  return Math.max(0, untilMs - (Number.isNaN(theirNowMs) ? nowUs / 1000 : theirNowMs));
}
