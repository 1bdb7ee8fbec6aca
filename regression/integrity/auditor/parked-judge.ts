import type { ParkedEvent } from "./evidence.ts";
import type { Findings } from "./findings.ts";

/** Messages with the same bytes that should be parked. */
interface ParkedExpectation {
  readonly device: string;
  readonly seqs: number[];
  readonly reasons: Set<string>;
  acknowledged: number;
  /** How often they may have arrived. */
  arrivals: number;
  readonly found: Set<string>;
}

const SHOWN_SEQS = 5;

/** Counts what should be parked by its bytes, and what is. In memory whole: what is parked is rare. */
export class ParkedJudge {
  readonly #expected = new Map<string, ParkedExpectation>();
  readonly #client: string;
  readonly #findings: Findings;

  constructor(client: string, findings: Findings) {
    this.#client = client;
    this.#findings = findings;
  }

  expect({ seq, device, hashes, reason, outcome, attempts }: { seq: number; device: string; hashes: readonly string[]; reason: string; outcome: string; attempts: number }): void {
    const known = hashes.map((hash) => this.#expected.get(hash)).find((one) => one !== undefined) ?? { device, seqs: [], reasons: new Set(), acknowledged: 0, arrivals: 0, found: new Set() };
    for (const hash of hashes) this.#expected.set(hash, known);
    known.seqs.push(seq);
    known.reasons.add(reason);
    known.acknowledged += outcome === "acknowledged" ? 1 : 0;
    known.arrivals += attempts;
  }

  take({ eventId, client, device, group, reason, rawSha256 }: ParkedEvent, isOfFleet: boolean): void {
    this.#findings.look("parked events");
    const known = rawSha256 === null ? undefined : this.#expected.get(rawSha256);
    if (known === undefined) {
      if (client !== this.#client || !isOfFleet) return;
      const detail = rawSha256 === null ? `the bytes parked by ${group} cannot be had` : `parked by ${group}, and nothing that was sent should be`;
      this.#findings.add({ kind: "parked-invented", where: "parked", device, detail, found: { eventId, reason } });
      return;
    }
    if (known.found.has(eventId)) this.#findings.add({ kind: "parked-doubled", where: "parked", device: known.device, detail: "one event is parked twice", found: eventId });
    known.found.add(eventId);
    if (known.reasons.has(reason)) return;
    this.#findings.add({ kind: "parked-otherwise", where: "parked", device: known.device, seq: known.seqs[0]!, detail: `parked as ${reason}`, expected: [...known.reasons], found: { eventId, reason } });
  }

  /** Numbers of the messages that should be parked and are not. */
  finish(): Set<number> {
    const missing = new Set<number>();
    for (const { device, seqs, acknowledged, arrivals, found } of new Set(this.#expected.values())) {
      const shown = { device, seq: seqs[0]!, found: [...found].slice(0, SHOWN_SEQS) };
      if (found.size < acknowledged) {
        this.#findings.add({ kind: "not-parked", where: "parked", ...shown, detail: `${acknowledged} acknowledged with these bytes, ${found.size} parked; messages ${seqs.slice(0, SHOWN_SEQS).join(", ")}` });
        for (const seq of seqs) missing.add(seq);
      }
      if (found.size > arrivals) this.#findings.add({ kind: "parked-doubled", where: "parked", ...shown, detail: `sent ${arrivals} times, parked ${found.size} times` });
    }
    return missing;
  }
}
