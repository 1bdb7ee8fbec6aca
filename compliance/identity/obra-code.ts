/** Intake (OB) or restitution (OR), region 01 to 16, province, and a number that begins with no zero. */
const CODE = /^O[BR]-(0[1-9]|1[0-6])\d{2}-[1-9]\d*$/;

/** True of a code that the regulator gives a work, as it must be written: capitals, no blanks. A wrong one counts there as odd traffic, so it is never sent. */
export function isObraCode(code: string): boolean {
  return CODE.test(code);
}
