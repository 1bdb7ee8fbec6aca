import type { LiveEvent, TierFact } from "./evidence.ts";
import type { ExpectedFact } from "./expectation.ts";
import type { Findings } from "./findings.ts";
import type { FactPlace } from "./fact-judge.ts";
import { isWithdrawn } from "./tier-cursor.ts";
import { isSameValue } from "./units.ts";

type Said = Pick<LiveEvent, "receivedAtUs"> & LiveEvent["values"][number];

/** What the live stream showed of one point. */
export class LiveJudge {
  readonly #byFact = new Map<string, Said[]>();
  readonly #findings: Findings;
  readonly #completeFromUs: number;
  readonly #device: string;

  constructor(device: string, events: readonly LiveEvent[], completeFromUs: number, findings: Findings) {
    this.#findings = findings;
    this.#completeFromUs = completeFromUs;
    this.#device = device;
    const places = new Set<string>();
    const contents = new Set<string>();
    for (const event of events) {
      if (places.has(event.place)) {
        findings.add({ kind: "live-doubled", where: "live", device, point: event.point, instantUs: event.instantUs, detail: `the event at ${event.place} was shown twice`, found: event.values });
        continue;
      }
      places.add(event.place);
      const content = JSON.stringify([event.instantUs, event.receivedAtUs, event.values]);
      // The log itself may hold a measurement twice after a crash; another place in it is no second delivery.
      if (contents.has(content)) findings.note("live events with the content of an earlier one at another place of the log");
      contents.add(content);
      for (const value of event.values) {
        const key = keyOf(value.variable, event.instantUs);
        const known = this.#byFact.get(key);
        const said = { ...value, receivedAtUs: event.receivedAtUs };
        if (known === undefined) this.#byFact.set(key, [said]);
        else known.push(said);
      }
    }
  }

  /** Judges one fact; what is left over at the end has no cause. */
  judge(place: FactPlace, expected: ExpectedFact | undefined, standing: TierFact | undefined): void {
    const key = keyOf(place.variable, place.instantUs);
    const said = this.#byFact.get(key) ?? [];
    this.#byFact.delete(key);
    if (standing !== undefined && expected !== undefined && standing.knownAtUs !== null && standing.knownAtUs >= this.#completeFromUs) {
      const wasShown = said.some((one) => one.receivedAtUs <= standing.knownAtUs! && Object.is(one.value, standing.value) && one.flag === standing.flag && isSameList(one.reasons, standing.reasons));
      if (!wasShown) this.#tell("live-missing", place, "the stream never showed it as it stands", { expected: standing, found: said.slice(-3) });
    }
    for (const one of said) {
      if (isWithdrawn(one) || expected?.sends.some(({ value }) => isSameValue(value, one.value)) === true) continue;
      this.#tell("live-invented", place, "no reading that was sent explains it", { found: one });
    }
  }

  /** What no tier shows and nothing was expected of. */
  finish(point: string): void {
    for (const key of [...this.#byFact.keys()]) {
      const [instant = "", ...variable] = key.split(" ");
      this.judge({ device: this.#device, point, variable: variable.join(" "), instantUs: Number(instant) }, undefined, undefined);
    }
  }

  #tell(kind: "live-missing" | "live-invented", place: FactPlace, detail: string, more: { expected?: unknown; found?: unknown }): void {
    this.#findings.add({ kind, where: "live", detail, ...place, ...more });
  }
}

function keyOf(variable: string, instantUs: number): string {
  return `${instantUs} ${variable}`;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}
