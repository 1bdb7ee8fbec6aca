const marks: Record<string, { text: string; color: string }> = {
  debug: { text: "debug", color: "\u001b[2m" },
  info: { text: "     ", color: "" },
  warn: { text: "warn ", color: "\u001b[33m" },
  error: { text: "error", color: "\u001b[31m" },
};
const RESET = "\u001b[0m";
const MAX_VALUE_CHARACTERS = 200;

/** `12:00:01 warn  event  key=value …` for one line of the log; times in UTC. */
export function humanLine(entry: Readonly<Record<string, unknown>>, color: boolean): string {
  const { level, time, event, ...fields } = entry;
  const mark = marks[String(level)] ?? { text: String(level).padEnd(5), color: "" };
  const clock = String(time).slice(11, 19);
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
  const line = [`${clock} ${mark.text} ${String(event)}`, ...pairs].join("  ");
  return color && mark.color !== "" ? `${mark.color}${line}${RESET}\n` : `${line}\n`;
}

function shown(value: unknown): string {
  if (isError(value)) return clipped(value.message);
  if (typeof value === "string") return clipped(value);
  return clipped(JSON.stringify(value) ?? "undefined");
}

function isError(value: unknown): value is { message: string } {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value && typeof value.message === "string";
}

function clipped(value: string): string {
  // Control characters from outside must not steer the terminal.
  const plain = value.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return plain.length > MAX_VALUE_CHARACTERS ? `${plain.slice(0, MAX_VALUE_CHARACTERS)}…` : plain;
}
