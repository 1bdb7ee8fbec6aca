import { parseTyped } from "../format/number.ts";
import type { Point, PointVariable } from "../wire/point.ts";
import type { UnitOption, VariableOption } from "../wire/operations.ts";

/** What a person edits of one key; numbers stay as typed until they are sent. */
export interface KeyDraft {
  readonly key: string;
  readonly variable: string;
  readonly unit: string;
  readonly ignored: boolean;
  /** The person says that the guess is right. */
  readonly confirmed: boolean;
  readonly min: string;
  readonly max: string;
  readonly maxRatePerS: string;
  readonly flatLineS: string;
}

export interface PointDraft {
  readonly name: string;
  readonly periodS: string;
  readonly keys: readonly KeyDraft[];
}

export const limitFields = ["min", "max", "maxRatePerS", "flatLineS"] as const;
export type LimitField = (typeof limitFields)[number];

function typed(value: number | null, decimalComma: boolean): string {
  if (value === null) return "";
  return decimalComma ? String(value).replace(".", ",") : String(value);
}

/** The draft of a point as it is. */
export function draftOf(point: Point, decimalComma: boolean): PointDraft {
  return {
    name: point.name, periodS: typed(point.periodS, decimalComma),
    keys: point.variables.map((row) => ({
      key: row.key, variable: row.variable, unit: row.sourceUnit, ignored: row.ignored, confirmed: false,
      min: typed(row.min, decimalComma), max: typed(row.max, decimalComma),
      maxRatePerS: typed(row.maxRatePerS, decimalComma), flatLineS: typed(row.flatLineS, decimalComma),
    })),
  };
}

export interface ConfigVariable {
  readonly key: string;
  /** Named where several devices of the point have such a key. */
  readonly device?: string;
  readonly variable?: string;
  readonly unit?: string;
  readonly ignored?: boolean;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly maxRatePerS?: number | null;
  readonly flatLineS?: number | null;
}

export interface ConfigBody {
  readonly name?: string;
  readonly periodS?: number | null;
  readonly variables?: readonly ConfigVariable[];
}

/** The request's body, and which row of the draft stands at each of its `variables`, so that a problem finds its field. */
export interface ConfigChange {
  readonly body: ConfigBody;
  readonly rows: readonly number[];
  /** Fields whose text is no number. */
  readonly notNumbers: readonly string[];
  /** True when a meaning changed, so that the past is computed again. */
  readonly remaps: boolean;
}

/** Only what differs from the point is sent: a field that nobody touched keeps its default. */
export function changeOf(point: Point, draft: PointDraft): ConfigChange {
  const notNumbers: string[] = [];
  const variables: ConfigVariable[] = [];
  const rows: number[] = [];
  let remaps = false;
  draft.keys.forEach((key, index) => {
    const known = point.variables[index];
    if (known === undefined) return;
    const meaning = meaningChange(known, key);
    const limits = limitChange(known, key, `keys.${index}`, notNumbers);
    if (Object.keys(meaning).length + Object.keys(limits).length === 0) return;
    remaps ||= meaning.ignored !== undefined || (meaning.variable !== undefined && (known.variable !== key.variable || known.sourceUnit !== key.unit));
    rows.push(index);
    const shared = point.variables.some((other) => other !== known && other.key === known.key);
    variables.push({ key: key.key, ...(shared && known.device !== "" ? { device: known.device } : {}), ...meaning, ...limits });
  });
  const periodS = numberChange(point.periodS, draft.periodS, "periodS", notNumbers);
  const name = draft.name.trim();
  return {
    rows, notNumbers, remaps,
    body: {
      ...(name !== point.name ? { name } : {}), ...(periodS === undefined ? {} : { periodS }), ...(variables.length > 0 ? { variables } : {}),
    },
  };
}

/** Variable and unit go together: naming both is what makes a guess a fact. */
function meaningChange(known: PointVariable, key: KeyDraft): Partial<ConfigVariable> {
  if (key.ignored !== known.ignored) return key.ignored ? { ignored: true } : { ignored: false, variable: key.variable, unit: key.unit };
  if (key.ignored) return {};
  const changed = key.variable !== known.variable || key.unit !== known.sourceUnit;
  return changed || (key.confirmed && known.guessed) ? { variable: key.variable, unit: key.unit } : {};
}

function limitChange(known: PointVariable, key: KeyDraft, where: string, notNumbers: string[]): Partial<ConfigVariable> {
  const out: Partial<Record<LimitField, number | null>> = {};
  for (const field of limitFields) {
    const change = numberChange(known[field], key[field], `${where}.${field}`, notNumbers);
    if (change !== undefined) out[field] = change;
  }
  return out;
}

function numberChange(known: number | null, text: string, field: string, notNumbers: string[]): number | null | undefined {
  const value = parseTyped(text);
  if (Number.isNaN(value)) notNumbers.push(field);
  return value === known || Number.isNaN(value) ? undefined : value;
}

/** Units that fit a variable: those of its own unit's quantity first; all where the quantity is not known. */
export function unitsFor(variable: string, variables: readonly VariableOption[], units: readonly UnitOption[]): UnitOption[] {
  const stored = variables.find((row) => row.id === variable)?.unit;
  const quantity = units.find((row) => row.code === stored)?.quantity;
  return quantity === undefined ? [...units] : units.filter((row) => row.quantity === quantity);
}
