/** A whole number of a query: its default when it is absent, undefined when it is not one or is out of range. */
export function wholeOf(query: URLSearchParams, name: string, { absent, min = 0, max }: { readonly absent: number; readonly min?: number; readonly max: number }): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return absent;
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** All values of a parameter that may be repeated, written with commas, or as `name[]`. */
export function listOf(query: URLSearchParams, ...names: readonly string[]): readonly string[] {
  const given = names.flatMap((name) => [name, `${name}[]`]).flatMap((name) => query.getAll(name));
  return [...new Set(given.flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== ""))];
}

/** A field of a body, when it is text. */
export function textField(body: unknown, name: string): string | undefined {
  const value: unknown = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
