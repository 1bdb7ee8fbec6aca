import type { Language } from "../text/catalog.ts";

/** Numbers as people of the page's language write them; Spanish as in Chile: 1.234,5. */
export const localeOf: Readonly<Record<Language, string>> = { es: "es-CL", en: "en-GB" };

const formats = new Map<string, Intl.NumberFormat>();

function format(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (found === undefined) formats.set(key, (found = new Intl.NumberFormat(localeOf[language], options)));
  return found;
}

/** Every digit that a stored value holds: up to 15 significant ones, never rounded. */
export function formatExact(value: number, language: Language): string {
  const size = Math.abs(value);
  const scientific = size !== 0 && (size >= 1e15 || size < 1e-6);
  return format(language, { maximumSignificantDigits: 15, ...(scientific ? { notation: "scientific" as const } : {}) }).format(value);
}

/** Short form for headlines; digits left out of a large value are cut, not rounded up to a number that nobody measured. */
export function formatShort(value: number, language: Language): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return format(language, { maximumSignificantDigits: 4, notation: "scientific" }).format(value);
  if (size >= 1e6) return format(language, { maximumFractionDigits: 1, roundingMode: "trunc" } as Intl.NumberFormatOptions).format(value);
  if (size >= 1000) return format(language, { maximumFractionDigits: 1 }).format(value);
  if (size >= 100) return format(language, { maximumFractionDigits: 2 }).format(value);
  if (size >= 1) return format(language, { maximumFractionDigits: 3 }).format(value);
  return format(language, { maximumSignificantDigits: 3 }).format(value);
}

/** With the catalogue's digits after the point. What would read as zero and is not, and what has no such digits, is in its short form. */
export function formatShown(value: number, decimals: number | null, language: Language): string {
  const size = Math.abs(value);
  if (decimals === null || (size !== 0 && size < 0.5 * 10 ** -decimals) || size >= 1e15) return formatShort(value, language);
  return format(language, { maximumFractionDigits: decimals }).format(value);
}

export function formatCount(value: number, language: Language): string {
  return format(language, { maximumFractionDigits: 0 }).format(value);
}

/** One decimal below ten, none above: readings a second, lag. */
export function formatRate(value: number, language: Language): string {
  return format(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** 0 to 1 as per cent; only a whole is written as 100 %. */
export function formatShare(ratio: number, language: Language): string {
  const shown = ratio < 1 ? Math.min(ratio, 0.999) : 1;
  return format(language, { style: "percent", maximumFractionDigits: 1, roundingMode: "trunc" } as Intl.NumberFormatOptions).format(shown);
}

export function formatBytes(bytes: number, language: Language): string {
  const steps = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let size = bytes;
  let step = 0;
  while (size >= 1000 && step < steps.length - 1) {
    size /= 1000;
    step += 1;
  }
  const unit = steps[step] ?? "byte";
  return format(language, { style: "unit", unit, unitDisplay: step === 0 ? "long" : "short", maximumFractionDigits: size < 10 && step > 0 ? 1 : 0 }).format(size);
}

/** Units as people write them; codes of the catalogue that nobody reads are spelled out. */
const written: Readonly<Record<string, string>> = {
  m3: "m³", "m3/h": "m³/h", "m3/s": "m³/s", "m3/d": "m³/d", "ft3/s": "ft³/s", Cel: "°C", degF: "°F", "uS/cm": "µS/cm", pulse: "", vol: "vol", pH: "pH",
};

export function formatUnit(unit: string): string {
  return written[unit] ?? unit;
}

/** Reads what a person typed, in either decimal notation; null for an empty text, NaN for what is no number. */
export function parseTyped(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  return /^[-+]?\d*[.,]?\d+([eE][-+]?\d+)?$/.test(trimmed) ? Number(trimmed.replace(",", ".")) : Number.NaN;
}
