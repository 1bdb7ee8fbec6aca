/** What a ledger holds: no fractions, since a number's text must be the same in every language. Measured numbers are decimal texts. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** JSON as RFC 8785 has it: names in order of their UTF-16 units, no blanks. Throws a TypeError for what is not plain. */
export function canonicalJson(value: Plain): string {
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("half a surrogate pair has no canonical form");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is no whole number that every language writes alike`);
    return String(value + 0);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`${typeof value} is no JSON`);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name]!)}`).join(",")}}`;
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
