import { REDACTED } from "@caudal/runtime";
import type { Account } from "../providers/account.ts";
import { base64Cores, base64RunAround } from "./base64-cores.ts";
import { decodedView, type View } from "./decoded-view.ts";
import { anyCase, base64Letters, Needles } from "./needles.ts";

/** Encodings on top of each other that are looked through. */
const MAX_LAYERS = 3;
const SHORT = 4;
const MAX_LEARNT = 32;
const QUOTE_FROM_BYTES = 16_384;
const QUOTE_CHARACTERS = 200;
const ENOUGH = 12;

/**
 * Takes an account's secrets out of what is shown or kept, however they are written there: in any case, percent-encoded, in base64 (alone or in a
 * longer whole, as Basic authentication has it), escaped as in JSON or HTML, several of these on top of each other, or cut short.
 */
export interface Redactor {
  /** A text that somebody else wrote. A secret under four characters cannot be told from chance, so all of a text that may hold one goes. */
  text(value: string): string;
  /** The same bytes when there is nothing to take out. */
  bytes(value: Uint8Array): Uint8Array;
  /** The beginning of a body, on one line. */
  quote(body: Uint8Array): string;
  /** A secret that came later: a token that a login gave. The newest 32 are known. */
  learn(secret: string): void;
}

/** Of everything that an account and its devices name as a secret. */
export function redactorOf({ secrets, devices }: Pick<Account, "secrets" | "devices">): Redactor {
  return createRedactor([...Object.values(secrets), ...devices.flatMap((device) => Object.values(device.secrets))]);
}

export function createRedactor(secrets: Iterable<string>): Redactor {
  const long = new Needles({ as: anyCase(), enough: ENOUGH });
  const inBase64 = new Needles({ as: base64Letters(), enough: Number.POSITIVE_INFINITY });
  const short: string[] = [];
  const learnt = new Set<string>();
  const known = new Set([...secrets].filter((secret) => secret !== ""));
  for (const secret of known) add(secret);

  function add(secret: string): void {
    if (Buffer.byteLength(secret) < SHORT) short.push(secret.toLowerCase());
    else change(secret, (needles, text) => needles.add(text));
    // A view has every encoding taken off, also what only looks like one: a secret's own backslash or percent sign, beside an entity.
    for (const each of decodedForms(secret)) if (each.length < SHORT) short.push(Buffer.from(each).toString().toLowerCase());
  }

  /** Where secrets stand in the source, in order, and whether a short one may. */
  function marks(source: Uint8Array): { readonly spans: (readonly [number, number])[]; readonly whole: boolean } {
    const spans: (readonly [number, number])[] = [];
    let whole = false;
    let view: View | undefined = { bytes: source };
    for (let layer = 0; view !== undefined && layer <= MAX_LAYERS; layer++) {
      const { bytes, spans: sources }: View = view;
      const mark = ([from, to]: readonly [number, number]): number => spans.push(sources === undefined ? [from, to] : [sources.start[from]!, sources.end[to - 1]!]);
      long.find(bytes).forEach(mark);
      for (const core of inBase64.find(bytes)) mark(base64RunAround(bytes, core));
      whole ||= holdsShort(bytes);
      view = decodedView(view);
    }
    return { spans: spans.sort(([a], [b]) => a - b), whole };
  }

  /** Each way that a secret is looked for: as it is, and in base64 as it may have been written before. */
  function change(secret: string, by: (needles: Needles, text: string | Uint8Array) => void): void {
    // A form writes a space as a plus.
    for (const each of new Set([secret, secret.replaceAll(" ", "+")])) {
      by(long, each);
      for (const decoded of decodedForms(each)) if (decoded.length >= SHORT) by(long, decoded);
    }
    const encoded = encodeURIComponent(secret.toWellFormed());
    const before = [secret, encoded, encoded.replace(/%../g, (hex) => hex.toLowerCase()), encoded.replaceAll("%20", "+"), JSON.stringify(secret).slice(1, -1)];
    for (const core of new Set(before.flatMap(base64Cores))) by(inBase64, core);
  }

  function holdsShort(bytes: Uint8Array): boolean {
    if (short.length === 0) return false;
    const text = Buffer.from(bytes).toString().toLowerCase();
    return short.some((secret) => text.includes(secret));
  }

  function without(source: Uint8Array, upTo = source.length): Uint8Array {
    const { spans, whole } = marks(source);
    if (whole) return Buffer.from(REDACTED);
    if (spans.length === 0) return upTo >= source.length ? source : source.subarray(0, upTo);
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const [from, to] of spans) {
      if (from >= upTo) break;
      if (from >= at) parts.push(source.subarray(at, from), Buffer.from(REDACTED));
      at = Math.max(at, to);
    }
    if (at < upTo) parts.push(source.subarray(at, upTo));
    return Buffer.concat(parts);
  }

  const nothing = (): boolean => long.empty && short.length === 0;

  return {
    text: (value) => (nothing() ? value : Buffer.from(without(Buffer.from(value))).toString()),
    bytes: (value) => (nothing() ? value : without(value)),
    quote: (body) => {
      const shown = Buffer.from(without(body.subarray(0, QUOTE_FROM_BYTES), QUOTE_CHARACTERS * 4)).toString().replace(/[\s\p{Cc}\ufffd]+/gu, " ").trim();
      return shown.length > QUOTE_CHARACTERS ? `${shown.slice(0, QUOTE_CHARACTERS)}…` : shown;
    },
    learn: (secret) => {
      if (secret === "" || known.has(secret)) return;
      if (!learnt.delete(secret)) add(secret);
      learnt.add(secret);
      const [oldest] = learnt;
      if (learnt.size <= MAX_LEARNT || oldest === undefined) return;
      learnt.delete(oldest);
      if (Buffer.byteLength(oldest) >= SHORT) change(oldest, (needles, text) => needles.remove(text));
    },
  };
}

/** What a secret reads as in each view of a text that holds it as it is. */
function decodedForms(secret: string): Uint8Array[] {
  const forms: Uint8Array[] = [];
  let view = decodedView({ bytes: Buffer.from(secret) });
  for (let layer = 0; view !== undefined && layer < MAX_LAYERS; layer++) {
    forms.push(view.bytes);
    view = decodedView(view);
  }
  return forms;
}
