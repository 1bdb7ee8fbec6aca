import { civilOfParts } from "@caudal/core";

/** A date and clock as a service writes them, in letters: `dd-MM-yyyy HH:mm:ss`. Civil times are microseconds as if the clock stood at UTC. */
export interface LocalPattern {
  /** Undefined when the text is not of this pattern, or no calendar has the date. */
  read(text: string): number | undefined;
  write(civilUs: number): string;
  /** The smallest step that the pattern can write, in microseconds. */
  readonly stepUs: number;
}

type Part = "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction";
interface Letters {
  readonly part: Part;
  readonly digits: number;
}

const LETTERS: Readonly<Record<string, Part>> = { y: "year", M: "month", d: "day", H: "hour", m: "minute", s: "second", S: "fraction" };
const WIDTHS: Readonly<Record<Part, readonly number[]>> = { year: [4], month: [1, 2], day: [1, 2], hour: [1, 2], minute: [2], second: [2], fraction: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
const TOKEN = /'([^']*)'|([yMdHmsS])\2*|([A-Za-z])|([^A-Za-z'])/gy;
const STEPS: readonly (readonly [Part, number])[] = [["second", 1e6], ["minute", 60e6], ["hour", 3600e6]];

/** Throws an Error that names the letters that mean nothing, or what is missing. */
export function compilePattern(pattern: string): LocalPattern {
  const tokens = tokensOf(pattern);
  const parts = tokens.filter((token) => typeof token !== "string");
  for (const needed of ["year", "month", "day", "hour"] as const) {
    if (parts.filter(({ part }) => part === needed).length !== 1) throw new Error(`"${pattern}" needs yyyy, MM, dd and HH, each once (mm, ss and SSS where the service writes them)`);
  }
  const form = new RegExp(`^${tokens.map((token) => (typeof token === "string" ? literal(token) : digitsOf(token))).join("")}$`);
  const fraction = parts.find(({ part }) => part === "fraction")?.digits;
  const stepUs = fraction === undefined ? (STEPS.find(([name]) => parts.some(({ part }) => part === name))?.[1] ?? 3600e6) : 10 ** Math.max(0, 6 - fraction);
  return { stepUs, read: (text) => civilIn(form.exec(text.trim()), parts), write: (civilUs) => tokens.map((token) => (typeof token === "string" ? token : written(civilUs, token))).join("") };
}

function tokensOf(pattern: string): readonly (string | Letters)[] {
  const tokens: (string | Letters)[] = [];
  let end = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [whole, quoted, letter, other] = match;
    if (quoted !== undefined) tokens.push(quoted);
    else if (letter !== undefined) tokens.push(lettersOf(letter, whole.length));
    // The T between date and clock is the one letter that everybody writes as it is.
    else if (other !== undefined && other !== "T") throw new Error(`"${other}" in "${pattern}" means nothing here: the letters are yyyy MM dd HH mm ss SSS; put other letters in 'quotes'`);
    else tokens.push(whole);
  }
  if (end !== pattern.length) throw new Error(`"${pattern}" has a quote that never ends`);
  return tokens;
}

function lettersOf(letter: string, digits: number): Letters {
  const part = LETTERS[letter];
  if (part === undefined || !WIDTHS[part].includes(digits)) throw new Error(`"${letter.repeat(digits)}" is not one of yyyy MM M dd d HH H mm ss SSS`);
  return { part, digits };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function digitsOf({ part, digits }: Letters): string {
  return digits === 1 && part !== "fraction" ? "(\\d{1,2})" : `(\\d{${digits}})`;
}

function civilIn(match: RegExpExecArray | null, parts: readonly Letters[]): number | undefined {
  if (match === null) return undefined;
  const of = (wanted: Part): string | undefined => {
    const at = parts.findIndex(({ part }) => part === wanted);
    return at === -1 ? undefined : match[at + 1];
  };
  const number = (part: Part): number => Number(of(part) ?? 0);
  const micros = Number((of("fraction") ?? "").slice(0, 6).padEnd(6, "0"));
  return civilOfParts(number("year"), number("month"), number("day"), { hour: number("hour"), minute: number("minute"), second: number("second"), micros });
}

function written(civilUs: number, { part, digits }: Letters): string {
  const date = new Date(Math.floor(civilUs / 1000));
  const micros = ((civilUs % 1e6) + 1e6) % 1e6;
  if (part === "fraction") return String(micros).padStart(6, "0").padEnd(9, "0").slice(0, digits);
  const value = {
    year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
  }[part];
  return String(value).padStart(digits, "0");
}
