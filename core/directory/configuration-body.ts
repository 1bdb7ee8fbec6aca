import type { LimitPeriod, PointPeriod, PointRecord, VariableConfig } from "./records.ts";

/** Beside the variables' names, none of which begins so. An object, because who knows limits alone takes it for a variable without any. */
const SETTINGS = "$settings";
const LIMITS = "$limits";

/** What judging needs of a point: the body of its configuration event. */
export interface Configuration {
  readonly variables: Readonly<Record<string, VariableConfig>>;
  readonly periods: readonly PointPeriod[];
  /** Limits with their instants, over those of `variables`; absent in events from before limits had any. */
  readonly limits?: readonly LimitPeriod[];
}

/** The body of a point's configuration event, JSON: limits by variable, and the settings and limits with their periods. */
export function configurationBody({ variables, settings = [], limits }: Pick<PointRecord, "variables" | "settings" | "limits">): string {
  return JSON.stringify({ ...variables, ...(settings.length === 0 ? {} : { [SETTINGS]: { periods: settings } }), ...(limits === undefined ? {} : { [LIMITS]: { periods: limits } }) });
}

/** Takes them apart again; what they hold is for the reader to check. `limits` is absent where the event has none with instants. */
export function splitConfiguration(parsed: Readonly<Record<string, unknown>>): { readonly variables: Readonly<Record<string, unknown>>; readonly periods: unknown; readonly limits?: unknown } {
  const { [SETTINGS]: settings, [LIMITS]: limits, ...variables } = parsed;
  const given = periodsOf(limits);
  return { variables, periods: periodsOf(settings) ?? [], ...(given === undefined ? {} : { limits: given }) };
}

function periodsOf(part: unknown): unknown {
  return typeof part === "object" && part !== null && "periods" in part ? part.periods : undefined;
}
