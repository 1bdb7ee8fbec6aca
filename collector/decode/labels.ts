import { parsed, refused, type Parsed } from "./decoded.ts";
import { MAX_KEY_CHARACTERS, MAX_LABEL_CHARACTERS, MAX_LABELS } from "./limits.ts";

/** Texts of an event, gathered key by key. A later value of a key replaces the earlier one. */
export class Labels {
  readonly #texts = new Map<string, string>();

  set(key: string, text: string): void {
    this.#texts.set(key, text);
  }

  /** Takes the reserved `labels` object of a message. */
  takeMap(value: unknown, field: string): Parsed<null> {
    if (value === null || value === undefined) return parsed(null);
    if (typeof value !== "object" || Array.isArray(value)) return refused("wrong-type", "labels are an object of texts", field);
    for (const [key, text] of Object.entries(value)) {
      if (text === null) continue;
      if (typeof text !== "string" && typeof text !== "number" && typeof text !== "boolean") return refused("wrong-type", "a label is a text", `${field}.${key}`);
      this.set(key, String(text));
    }
    return parsed(null);
  }

  /** A plain object that is safe with any key, `__proto__` too. */
  done(): Parsed<Readonly<Record<string, string>>> {
    if (this.#texts.size > MAX_LABELS) return refused("too-large", `more than ${MAX_LABELS} labels`);
    for (const [key, text] of this.#texts) {
      if (key.length > MAX_KEY_CHARACTERS || text.length > MAX_LABEL_CHARACTERS) return refused("too-large", "a label is too long", key.slice(0, MAX_KEY_CHARACTERS));
    }
    return parsed(Object.fromEntries(this.#texts));
  }
}
