import type { SentSample } from "./truth.ts";
import { expectedValue, isSameValue, type ExpectedValue } from "./units.ts";

/** A message with what became of it. */
export interface KnownMessage {
  readonly seq: number;
  readonly device: string;
  readonly atUs: number;
  readonly samples: readonly SentSample[];
  readonly expect: string;
  /** The message whose samples these are once more, or which this one corrects: it was settled before this one was sent. */
  readonly follows: number | null;
  readonly outcome: "acknowledged" | "refused" | "unknown";
  readonly attempts: number;
  readonly transport: string;
}

/** One reading: a key of a message at an instant. */
export interface Send {
  readonly message: KnownMessage;
  readonly key: string;
  /** As the source wrote it. */
  readonly sent: number;
  readonly value: ExpectedValue;
}

/** What must stand at one instant of one variable, from all that was sent of it. */
export interface ExpectedFact {
  readonly variable: string;
  readonly instantUs: number;
  /** In the order of sending. */
  readonly sends: readonly Send[];
  /** Values that may hold in the end; one where every order is known. */
  readonly finals: readonly ExpectedValue[];
  /** Something of it was acknowledged, so it must be there. */
  readonly mustStand: boolean;
}

export interface Meaning {
  readonly variable: string;
  readonly unit: string;
}

/**
 * Facts that a device's messages must give, in order of (instant, variable). Messages come in the order of sending. Of one instant the
 * value sent last holds; a message that nobody acknowledged, or that may have been overtaken, may have come at any time.
 */
export function expectFacts(messages: readonly KnownMessage[], meaningOf: (key: string) => Meaning | undefined): ExpectedFact[] {
  const found = new Map<string, { variable: string; instantUs: number; sends: Send[] }>();
  for (const message of messages) {
    if (!givesFacts(message) || message.outcome === "refused") continue;
    for (const { key, timeUs, value } of message.samples) {
      if (value === null) throw new TypeError(`message ${message.seq} is expected to be stored and has no number for key ${key}`);
      const meaning = meaningOf(key);
      if (meaning === undefined) throw new TypeError(`message ${message.seq} has key ${key}, which fleet.json does not give device ${message.device}`);
      const id = `${timeUs} ${meaning.variable}`;
      const send: Send = { message, key, sent: value, value: expectedValue(value, meaning.variable, meaning.unit) };
      const known = found.get(id);
      if (known === undefined) found.set(id, { variable: meaning.variable, instantUs: timeUs, sends: [send] });
      else known.sends.push(send);
    }
  }
  return [...found.values()]
    .map((fact): ExpectedFact => ({ ...fact, finals: finalsOf(fact.sends), mustStand: fact.sends.some(({ message }) => message.outcome === "acknowledged") }))
    .sort((a, b) => a.instantUs - b.instantUs || (a.variable < b.variable ? -1 : 1));
}

/** A repetition on purpose says once more what holds already; were the first one never taken, it would stand for it. */
export function givesFacts({ expect }: KnownMessage): boolean {
  return expect === "stored" || expect === "dropped:duplicate";
}

/** Values of those messages that no later acknowledged one came after for sure. */
function finalsOf(sends: readonly Send[]): ExpectedValue[] {
  const finals: ExpectedValue[] = [];
  sends.forEach((send, index) => {
    const isReplaced = sends.some((other, at) => at > index && other.message.outcome === "acknowledged" && cameBefore(send.message, other.message));
    if (!isReplaced && !finals.some((known) => isSameValue(known, send.value.value))) finals.push(send.value);
  });
  return finals;
}

function cameBefore(first: KnownMessage, second: KnownMessage): boolean {
  if (first.seq === second.seq) return true;
  if (first.outcome !== "acknowledged") return false;
  // A device's messages go one way one after the other; two ways, or a second try, may overtake.
  return second.follows === first.seq || (first.attempts <= 1 && first.transport === second.transport);
}
