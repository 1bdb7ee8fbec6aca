import { useLatest } from "../app/hooks.tsx";
import { useVariables } from "../points/catalogue.ts";
import { measuredVariables, type Point } from "../wire/point.ts";
import type { TwoTexts } from "../wire/two-texts.ts";

export interface NamedVariable {
  readonly variable: string;
  readonly name: TwoTexts;
  readonly unit: string;
}

/** Variables of a point that can be corrected: those that its devices send, and those that are computed from them. */
export function usePointVariables(point: Point): readonly NamedVariable[] {
  const latest = useLatest(point.id);
  const catalogue = useVariables();
  const sent = measuredVariables(point);
  const computed = [...(latest?.values.keys() ?? [])].filter((id) => !sent.some((row) => row.variable === id)).sort();
  return [...sent, ...computed.map((id) => ({ variable: id, name: catalogue.get(id)?.name ?? { en: id, es: id }, unit: catalogue.get(id)?.unit ?? "" }))];
}
