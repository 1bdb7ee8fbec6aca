import { parseUnit, storedUnitOf, units, unitSlug, type UnitRow } from "../variables/units.ts";
import { variables, type VariableRow } from "../variables/variable.ts";

/** What a source's key seems to mean. `unit` is the unit that the source's values are in. */
export interface Guess {
  readonly variable: string;
  readonly unit: string;
}

const MAX_NAME_CHARACTERS = 64;

/** A key as a name: lower case, accents off, parts joined by underscores. */
export function keyName(key: string): string {
  const split = key.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  const plain = split.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const name = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, MAX_NAME_CHARACTERS);
  return name === "" ? "value" : name;
}

/** Endings that stand for a unit, the longest first: `_us_cm` is microsiemens, not centimetres. */
const suffixes = units
  .flatMap((unit: UnitRow) => [...new Set([unit.slug, ...unit.aliases.map((alias) => alias.replaceAll("/", "_"))])].map((suffix) => ({ ending: `_${suffix}`, unit })))
  .sort((a, b) => b.ending.length - a.ending.length);

function splitUnit(name: string): { stem: string; unit: UnitRow | undefined } {
  const found = suffixes.find(({ ending }) => name.endsWith(ending) && name.length > ending.length);
  return found === undefined ? { stem: name, unit: undefined } : { stem: name.slice(0, -found.ending.length), unit: found.unit };
}

function named(name: string): VariableRow | undefined {
  return variables.find((row) => row.aliases.includes(name));
}

function ofQuantity(row: VariableRow | undefined, unit: UnitRow | undefined): VariableRow | undefined {
  if (row === undefined || unit === undefined) return row;
  return parseUnit(row.unit)?.quantity === unit.quantity ? row : undefined;
}

/** A name of the source's own; one that means something else here is told apart by its unit. */
function ownName(name: string, unit: string): string {
  const taken = variables.some((row) => row.id === name);
  return taken && unitSlug(unit) !== "" ? `${name}_${unitSlug(unit)}` : name;
}

/**
 * Guesses variable and unit from a key and, where the source wrote it, a unit. A key that says nothing keeps its own name and unit, and so
 * does one whose unit is unknown or of another quantity. The caller shows the guess as a guess and lets a person mend it.
 */
export function guessVariable(key: string, writtenUnit?: string | null): Guess {
  const name = keyName(key);
  const { stem, unit: suffix } = splitUnit(name);
  const text = writtenUnit?.trim() ?? "";
  const unit = text === "" ? suffix : parseUnit(text);
  if (unit === undefined && text !== "") return { variable: ownName(name, text), unit: text };
  const row = ofQuantity(named(name), unit) ?? ofQuantity(named(stem), unit);
  if (row !== undefined) return { variable: row.id, unit: unit?.code ?? row.unit };
  if (unit === undefined) return { variable: name, unit: "" };
  return { variable: ownName(suffix === undefined ? name : stem, unit.code), unit: unit.code };
}

/** Unit that facts of this variable are stored in, given the unit that its source uses. */
export function storedUnit(variable: string, sourceUnit: string): string {
  const source = parseUnit(sourceUnit);
  const row = variables.find((candidate) => candidate.id === variable);
  if (row !== undefined && (source === undefined || parseUnit(row.unit)?.quantity === source.quantity)) return row.unit;
  return source === undefined ? sourceUnit : storedUnitOf(source).code;
}
