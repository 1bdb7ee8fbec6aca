/** A topic with named captures: `telemetry/{provider}/{device}/data`, `v3/{app}@{tenant}/devices/{device}/up`, `+` for any one level, `#` last for the rest. */
export interface TopicTemplate {
  readonly text: string;
  /** What to subscribe to. */
  readonly filter: string;
  readonly captures: readonly string[];
  /** Greater is more specific, level by level. */
  readonly specificity: string;
  /** The captures of a topic that fits, or undefined. */
  match(topic: string): Readonly<Record<string, string>> | undefined;
  /** The same topic with other texts in the place of some captures; the topic itself where it does not fit. */
  replace(topic: string, names: readonly string[], by: (text: string) => string): string;
}

const NAME = /\{([a-z][a-z0-9_]*)\}/g;
const CAPTURE = /^\{[a-z][a-z0-9_]*\}$/;
const MAX_LEVELS = 32;

/** Throws an Error that says what is wrong with the template. */
export function parseTemplate(text: string): TopicTemplate {
  const levels = text.split("/");
  if (text === "" || levels.length > MAX_LEVELS) throw new Error("a topic template has 1 to 32 levels");
  const captures: string[] = [];
  const patterns = levels.map((level, at) => patternOf(level, at === levels.length - 1, captures));
  if (new Set(captures).size !== captures.length) throw new Error("a name is captured twice");
  const open = levels.at(-1) === "#";
  const source = (open ? patterns.slice(0, -1) : patterns).join("/");
  const expression = new RegExp(`^${source}${open ? (source === "" ? ".*" : "(?:/.*)?") : ""}$`, "du");
  return {
    text, captures,
    filter: levels.map((level) => (level.includes("{") ? "+" : level)).join("/"),
    specificity: levels.map(rankOf).join(""),
    replace: (topic, names, by) => {
      const places = expression.exec(topic)?.indices ?? [];
      // From the end, so that the places before stay where they are.
      return captures.reduceRight((text, name, at) => {
        const range = places[at + 1];
        return range === undefined || !names.includes(name) ? text : `${text.slice(0, range[0])}${by(text.slice(...range))}${text.slice(range[1])}`;
      }, topic);
    },
    match: (topic) => {
      // Topics of the broker itself are no device's, whatever a wildcard says.
      if (topic.startsWith("$") && !text.startsWith("$")) return undefined;
      const found = expression.exec(topic);
      return found === null ? undefined : Object.fromEntries(captures.map((name, at) => [name, found[at + 1] ?? ""]));
    },
  };
}

function patternOf(level: string, isLast: boolean, captures: string[]): string {
  if (level === "+") return "[^/]+";
  if (level === "#") {
    if (!isLast) throw new Error("# stands in the last level only");
    return "";
  }
  if (/[+#]/.test(level)) throw new Error("+ and # stand alone in their level");
  for (const [, name] of level.matchAll(NAME)) captures.push(name ?? "");
  const parts = level.split(NAME).map((part, at) => (at % 2 === 1 ? "([^/]+?)" : escaped(part)));
  if (/[{}]/.test(level.replace(NAME, ""))) throw new Error("a capture is {name}, with a-z, 0-9 and _");
  return parts.join("");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function rankOf(level: string): string {
  if (level === "#") return "0";
  if (level === "+" || CAPTURE.test(level)) return "1";
  return level.includes("{") ? "2" : "3";
}
