/** What a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Text as one CSV field: quoted where it must be, and never a formula. Numbers do not go through here. */
export function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A comment line. It stays one line and one cell: what would end either is a blank. */
export function csvComment(name: string, text: string): string {
  return `# ${name}: ${text.replace(/[\s,;"\u0000-\u001f]+/g, " ").trim()}\n`;
}
