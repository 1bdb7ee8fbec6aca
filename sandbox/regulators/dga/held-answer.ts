import type { StoredMeasurement } from "../held.ts";
import type { Kind } from "./kinds.ts";

/** A stored measurement as a GET tells it: the day first, numbers without the zeros at their end. */
export function told({ told: names }: Kind, { date, time, values }: StoredMeasurement, { isPadded, isOther }: { readonly isPadded: boolean; readonly isOther: boolean }): Readonly<Record<string, string>> {
  const [year, month, day] = date.split("-");
  const written = Object.entries(names).map(([field, name]) => {
    const value = values[field] ?? "";
    const own = isOther && field === "caudal" ? otherFlow(value) : value;
    return [name, isPadded ? own : stripped(own)];
  });
  return { ...Object.fromEntries(written) as Record<string, string>, fecha: `${day}-${month}-${year}`, hora: time };
}

/** "0.00" is "0.0", "25.70" is "25.7"; what has no point stays as it is. */
export function stripped(value: string): string {
  return value.includes(".") ? value.replace(/0+$/, "").replace(/\.$/, ".0") : value;
}

/** A flow a tenth of a litre higher. */
export function otherFlow(value: string): string {
  return (Number(value) + 0.1).toFixed(2);
}
