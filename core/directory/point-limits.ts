import type { LimitPeriod, PointRecord, VariableConfig } from "./records.ts";
import { RefusedChange, type RefusalPlace } from "./refused-change.ts";

/** Limits of the quality tests of a variable, in its stored unit and seconds; `VariableConfig` says what each means. */
export const limitNames = ["min", "max", "maxRatePerS", "flatLineS", "spike", "stuckM3"] as const;
export type LimitName = (typeof limitNames)[number];

/** Limits that say nothing unless they are above zero. */
const positive: ReadonlySet<string> = new Set(["maxRatePerS", "flatLineS", "spike", "stuckM3"]);
const names: ReadonlySet<string> = new Set(limitNames);
/** Also what nobody said yet has a name, made of its source's. */
const VARIABLE_ID = /^[a-z0-9_]{1,80}$/;
const MAX_PERIODS = 256;

/** Limits of a variable that a person gives from an instant on; absent ones stay. */
export interface LimitChange {
  readonly variable: string;
  /** Absent or null: from the first reading, whatever held before. */
  readonly validFromUs?: number | null;
  /** null takes the default again from then on. */
  readonly values: Readonly<Partial<Record<LimitName, number | null>>>;
  /** Names that the period says nothing of any more, as if it never had. A period that says nothing is gone. */
  readonly forget?: readonly string[];
  /** From the first reading on: corrects that period alone, and what later ones say stays. */
  readonly keepLater?: boolean;
  /** Why; kept with the period. */
  readonly reason?: string;
}

/** A change, and where a refusal finds each of its fields. */
export interface PlacedLimitChange extends LimitChange {
  readonly place: (field: string) => RefusalPlace;
}

/** Everything that people said of a point's limits, also from before limits had instants: that holds from the first reading. */
export function limitPeriodsOf({ variables, limits = [], createdAtUs }: Pick<PointRecord, "variables" | "limits" | "createdAtUs">): readonly LimitPeriod[] {
  const given = new Set(limits.filter(({ validFromUs }) => validFromUs === null).map(({ variable }) => variable));
  const before = Object.entries(variables).filter(([variable, values]) => !given.has(variable) && Object.keys(values).length > 0)
    .map(([variable, values]): LimitPeriod => ({ variable, validFromUs: null, values, changedAtUs: createdAtUs, changedBy: "" }));
  return sorted([...before, ...limits]);
}

/** What a person said of a variable's limits that holds at an instant; the others take their defaults. */
export function limitsGivenAt(base: VariableConfig | undefined, periods: readonly LimitPeriod[], variable: string, timeUs: number): VariableConfig {
  const found: Record<string, unknown> = { ...base };
  for (const period of sorted(periods)) if (period.variable === variable && (period.validFromUs ?? -Infinity) <= timeUs) Object.assign(found, period.values);
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null && value !== undefined));
}

/** Instants at which a variable's limits change, the first -Infinity, with what people said that holds from each. */
export function settledLimits(base: VariableConfig | undefined, periods: readonly LimitPeriod[], variable: string): { readonly fromUs: number; readonly given: VariableConfig }[] {
  const own = periods.filter((period) => period.variable === variable);
  const starts = [...new Set([-Infinity, ...own.map(({ validFromUs }) => validFromUs ?? -Infinity)])].sort((a, b) => a - b);
  return starts.map((fromUs) => ({ fromUs, given: limitsGivenAt(base, own, variable, fromUs) }));
}

/** The periods after the changes, by variable and time. Limits given from the first reading replace their whole past. Throws RefusedChange. */
export function changedLimitPeriods(periods: readonly LimitPeriod[], changes: readonly PlacedLimitChange[], { by, atUs }: { readonly by: string; readonly atUs: number }): readonly LimitPeriod[] {
  let after = periods;
  for (const { variable, validFromUs = null, values, forget = [], keepLater = false, reason, place } of changes) {
    if (!VARIABLE_ID.test(variable)) throw new RefusedChange("variable-id", withValues(place("variable"), { variable }), `cannot have limits: ${JSON.stringify(variable)} is no name of a variable`);
    if (validFromUs !== null && !Number.isSafeInteger(validFromUs)) throw new RefusedChange("setting-time", withValues(place("validFrom"), { setting: "validFrom" }), "is no instant");
    const checked: Partial<Record<LimitName, number | null>> = {};
    for (const [name, value] of Object.entries(values)) if (value !== undefined) checked[name as LimitName] = checkedLimit(name, value, place(name));
    const unknown = forget.find((name) => !names.has(name));
    if (unknown !== undefined) checkedLimit(unknown, null, place(unknown));
    const others = after.filter((period) => period.variable !== variable || period.validFromUs !== validFromUs)
      .map((period) => (validFromUs === null && !keepLater && period.variable === variable ? { ...period, values: without(period.values, Object.keys(checked)) } : period))
      .filter((period) => Object.keys(period.values).length > 0);
    const same = after.find((period) => period.variable === variable && period.validFromUs === validFromUs);
    // Before the first reading nothing held that could be taken away.
    const gone = validFromUs === null ? Object.keys(checked).filter((name) => checked[name as LimitName] === null) : [];
    const said = without({ ...without(same?.values ?? {}, forget), ...checked }, gone);
    const period: LimitPeriod = { variable, validFromUs, values: said, changedAtUs: atUs, changedBy: by, ...(reason === undefined ? {} : { reason }) };
    after = sorted(Object.keys(said).length === 0 ? others : [...others, period]);
    refuseCrossed(after, variable, checked, place);
  }
  if (after.length > MAX_PERIODS) throw new RefusedChange("too-many-periods", { field: "limits", values: { most: String(MAX_PERIODS) } }, `more than ${MAX_PERIODS} periods`);
  return after;
}

/** The value as it is kept. Throws RefusedChange for a name that is none and a value that it cannot have. */
export function checkedLimit(name: string, value: unknown, place: RefusalPlace): number | null {
  if (!names.has(name)) throw new RefusedChange("limit-unknown", withValues(place, { limit: name, limits: limitNames.join(", ") }), `${name} is no limit of a variable`);
  if (value === null) return null;
  if (typeof value === "number" && Number.isFinite(value) && (!positive.has(name) || value > 0)) return value;
  throw new RefusedChange("limit", withValues(place, { limit: name }), `has a ${name} that is not a ${positive.has(name) ? "positive" : "finite"} number`);
}

function refuseCrossed(periods: readonly LimitPeriod[], variable: string, changed: LimitPeriod["values"], place: PlacedLimitChange["place"]): void {
  for (const { given: { min, max } } of settledLimits(undefined, periods, variable)) {
    if (min === undefined || max === undefined || min <= max) continue;
    throw new RefusedChange("min-above-max", withValues(place(changed.min === undefined ? "max" : "min"), { min: String(min), max: String(max) }), `has a min of ${min} above its max of ${max}`);
  }
}

function withValues(place: RefusalPlace, values: Readonly<Record<string, string>>): RefusalPlace {
  return { ...place, values: { ...place.values, ...values } };
}

function sorted(periods: readonly LimitPeriod[]): LimitPeriod[] {
  return [...periods].sort((a, b) => (a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : (a.validFromUs ?? -Infinity) - (b.validFromUs ?? -Infinity) || 0));
}

function without(values: LimitPeriod["values"], gone: readonly string[]): LimitPeriod["values"] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !gone.includes(name)));
}
