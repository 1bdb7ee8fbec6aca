const MAX_DIGITS = 9;

/** The shortest decimal that is this single-precision number: 123.456, not 123.45600128173828. Nine digits tell any two apart. */
export function floatAsWritten(value: number): number {
  if (!Number.isFinite(value) || Math.fround(value) !== value) return value;
  for (let digits = 1; digits < MAX_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(MAX_DIGITS));
}
