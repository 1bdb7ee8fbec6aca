/** Text from outside without what would steer the terminal; line breaks and tabs stay when told. */
export function plain(text: string, keep: "one line" | "lines" = "one line"): string {
  return keep === "lines" ? text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd") : text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
