const SHAPE = /^(\d{1,8})-([0-9K])$/;

export type CheckedRut = { readonly ok: true; readonly rut: string } | { readonly ok: false; readonly why: "shape" | "check-digit"; readonly expected?: string };

/** A RUT as regulators take it: digits, hyphen, check digit (modulo 11), no dots, capital K. Dots, blanks around it and a small k are forgiven. */
export function checkedRut(written: string): CheckedRut {
  const rut = written.trim().replaceAll(".", "").toUpperCase();
  const [, digits, check] = SHAPE.exec(rut) ?? [];
  if (digits === undefined || check === undefined) return { ok: false, why: "shape" };
  const expected = checkDigit(digits);
  return check === expected ? { ok: true, rut: `${Number(digits)}-${check}` } : { ok: false, why: "check-digit", expected };
}

/** Weights 2 to 7 in turn from the right; 11 is 0, 10 is K. */
function checkDigit(digits: string): string {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) sum += Number(digits[digits.length - 1 - at]) * (2 + (at % 6));
  const rest = 11 - (sum % 11);
  return rest === 11 ? "0" : rest === 10 ? "K" : String(rest);
}
