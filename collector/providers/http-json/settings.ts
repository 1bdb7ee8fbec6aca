import type { z } from "zod";
import type { BudgetWindow } from "../provider.ts";
import { secretsOfAuth } from "./authentication.ts";
import { blockFields, spanMs, type HttpJsonSettings } from "./block.ts";
import type { JsonPath } from "./json-path.ts";
import { checkBlock } from "./settings-check.ts";
import { placesIn, secretOfPlace, textsOf } from "./template.ts";

/** What a block says, checked whole: each path, time format and place is read once, here. */
export const httpJsonSettings: z.ZodType<HttpJsonSettings> = blockFields.superRefine(checkBlock);

/** What the block asks for of its service: at most `burst` at once and `perSecond` on average. */
export function budgetOf({ rate }: HttpJsonSettings): readonly BudgetWindow[] {
  if (rate === undefined) return [{ calls: 2, perMs: 1000 }];
  if (!("perSecond" in rate)) return rate.map(({ calls, per }) => ({ calls, perMs: perMsOf(per) }));
  return [{ calls: rate.burst, perMs: Math.ceil((rate.burst * 1000) / rate.perSecond) }];
}

function perMsOf(per: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(per) ?? [];
  return Number(amount) * { ms: 1, s: 1000, ...spanMs }[unit as "ms" | "s" | keyof typeof spanMs];
}

/** Names of the secrets that requests of the block carry. */
export function secretsOf(settings: HttpJsonSettings): readonly string[] {
  const { auth, request, history } = settings;
  const inTexts = [auth, request, history].flatMap(textsOf).flatMap(placesIn).map(secretOfPlace);
  return [...new Set([...secretsOfAuth(auth), ...inTexts.filter((name) => name !== undefined)])];
}

/** True when a call asks for one variable. */
export function asksOneByOne({ request, history, samples, map }: HttpJsonSettings): boolean {
  const places = [request, history].flatMap(textsOf).flatMap(placesIn);
  if (places.includes("variable")) return true;
  // Without a name in the rows, what was asked for is the only name there is.
  const maps = [map, history?.map].filter((each) => each !== undefined);
  return maps.some((each) => "value" in each && each.variable === undefined) && !byVariable(samples) && !byVariable(history?.samples);
}

function byVariable(path: JsonPath | undefined): boolean {
  return path?.byVariable ?? false;
}
