/** A JSON object; undefined for anything else. */
export function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const MAX_MESSAGE = 500;

/** The beginning of a text of the other side, on one line, as people are shown it. */
export function shown(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim().slice(0, MAX_MESSAGE);
}
