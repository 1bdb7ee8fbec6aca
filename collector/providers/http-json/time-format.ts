import { formatInstant, instantToCivil, parseWrittenTime, type WrittenTime } from "@caudal/core";
import { parsed, refused, type Parsed } from "../../decode/decoded.ts";
import { isNumericText } from "../../decode/scalar.ts";
import { compilePattern } from "./local-pattern.ts";

/** How a service writes instants. */
export interface TimeFormat {
  readonly text: string;
  /** The smallest step that it can write, in microseconds. */
  readonly stepUs: number;
  /** True when what it writes has no offset, so that a zone must be known. */
  readonly isLocal: boolean;
  /** Null when the value says that there is no time. */
  read(value: unknown): Parsed<WrittenTime | null>;
  /** An instant that the format cannot write exactly is written as the one before, or after. */
  write(instantUs: number, zone: string, round: "down" | "up"): string | number;
}

export const timeFormatNames = ["epoch-ms", "epoch-s", "epoch-us", "iso", "day-count", "local:PATTERN"] as const;

const FIRST_NUMERIC_US = Date.UTC(2015, 0, 1) * 1000;
const FIRST_WRITTEN_US = Date.UTC(1900, 0, 1) * 1000;
const DAY_COUNT_ORIGIN_US = Date.UTC(1899, 11, 30) * 1000;
const DAY_MS = 86_400_000;

/** Throws an Error that says what is expected. */
export function compileTimeFormat(text: string): TimeFormat {
  const stepUs = { "epoch-us": 1, "epoch-ms": 1000, "epoch-s": 1_000_000 }[text];
  if (stepUs !== undefined) return epoch(text, stepUs);
  if (text === "iso") return iso;
  if (text === "day-count") return dayCount;
  if (text.startsWith("local:")) return local(text);
  throw new Error(`"${text.slice(0, 60)}" is no time format: expected one of ${timeFormatNames.join(", ")}`);
}

function epoch(text: string, stepUs: number): TimeFormat {
  return {
    text, stepUs, isLocal: false,
    read: (value) => fromNumber(value, (number) => ({ civilUs: Math.round(number * stepUs), offsetUs: 0 }), text),
    write: (instantUs, _, round) => rounded(instantUs, stepUs, round) / stepUs,
  };
}

const iso: TimeFormat = {
  text: "iso", stepUs: 1, isLocal: false,
  read: (value) => fromText(value, parseWrittenTime, "an ISO 8601 time such as 2026-03-01T12:00:00Z"),
  write: (instantUs) => formatInstant(instantUs),
};

const dayCount: TimeFormat = {
  text: "day-count", stepUs: 1000, isLocal: true,
  // A day count carries about a microsecond in a double; milliseconds are what its writer meant.
  read: (value) => fromNumber(value, (days) => ({ civilUs: DAY_COUNT_ORIGIN_US + Math.round(days * DAY_MS) * 1000, offsetUs: null }), "day-count"),
  write: (instantUs, zone, round) => (rounded(instantToCivil(instantUs, zone), 1000, round) - DAY_COUNT_ORIGIN_US) / 1000 / DAY_MS,
};

function local(text: string): TimeFormat {
  const pattern = compilePattern(text.slice("local:".length));
  return {
    text, stepUs: pattern.stepUs, isLocal: true,
    read: (value) => fromText(value, (written) => {
      const civilUs = pattern.read(written);
      return civilUs === undefined ? undefined : { civilUs, offsetUs: null };
    }, `a time of the pattern ${text.slice("local:".length)}`),
    write: (instantUs, zone, round) => pattern.write(rounded(instantToCivil(instantUs, zone), pattern.stepUs, round)),
  };
}

function rounded(us: number, stepUs: number, round: "down" | "up"): number {
  return (round === "down" ? Math.floor(us / stepUs) : Math.ceil(us / stepUs)) * stepUs;
}

function fromNumber(value: unknown, written: (number: number) => WrittenTime, format: string): Parsed<WrittenTime | null> {
  if (isNone(value)) return parsed(null);
  const number = typeof value === "number" ? value : typeof value === "string" && isNumericText(value.trim()) ? Number(value.trim()) : undefined;
  if (number === undefined) return refused("wrong-type", `a time of the format ${format} is a number`);
  if (!Number.isFinite(number)) return refused("not-finite", "the time is not a finite number");
  const time = written(number);
  if (Number.isSafeInteger(time.civilUs) && time.civilUs >= FIRST_NUMERIC_US) return parsed(time);
  return refused("implausible-time", `${number} as ${format} is ${time.civilUs < FIRST_NUMERIC_US ? "before 2015" : "far ahead"}`);
}

function fromText(value: unknown, read: (text: string) => WrittenTime | undefined, expected: string): Parsed<WrittenTime | null> {
  if (isNone(value)) return parsed(null);
  if (typeof value !== "string") return refused("wrong-type", `the time is not ${expected}`);
  const time = read(value.trim());
  if (time === undefined) return refused("wrong-type", `"${value.slice(0, 40)}" is not ${expected}`);
  return time.civilUs < FIRST_WRITTEN_US ? refused("implausible-time", "the date is before 1900") : parsed(time);
}

function isNone(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "string" && value.trim() === "");
}
