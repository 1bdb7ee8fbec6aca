import { randomBytes } from "node:crypto";
import { createFleet, type Fleet, type FleetOptions } from "../fleet/fleet.ts";
import { waitsFor, type FleetMessage } from "../fleet/message.ts";
import { openSender, type Destination } from "../senders/senders.ts";
import type { Sender, Transport } from "../senders/sender.ts";
import { noTruth, openTruthFolder, type Truth } from "../truth/truth-folder.ts";
import { machineClock, type SimulationClock } from "./clock.ts";
import { Counting, type SimulationCounters } from "./counters.ts";
import { Lane, type Job } from "./lane.ts";
import { Source } from "./source.ts";

export interface SimulationOptions {
  readonly fleet: Fleet | FleetOptions;
  /** One at least; devices are spread over them. */
  readonly destinations: readonly Destination[];
  /** Folder of the truth files, new or empty; none are written when absent. */
  readonly truthDir?: string;
  /** Ends after so many messages. */
  readonly messages?: number;
  /** Ends after so long. */
  readonly forMs?: number;
  /** Messages a second at most; as fast as they are acknowledged when absent. None is sent before its own time has come. */
  readonly ratePerS?: number;
  /** Messages that are sent and not settled at most; 5000 when absent. */
  readonly maxOpen?: number;
  /** At the end, how long to wait for what is not settled; 60,000 when absent. */
  readonly drainMs?: number;
  /** Ends at once; what is open is written as unknown. */
  readonly signal?: AbortSignal;
  readonly clock?: SimulationClock;
}

export interface SimulationResult extends SimulationCounters {
  readonly tookMs: number;
  /** The first few reasons of refusals that nobody expected. */
  readonly refusals: readonly string[];
}

export interface Simulation {
  counters(): SimulationCounters;
  /** Sends nothing new, and ends when all is settled or `drainMs` is over. */
  stop(): void;
  /** Ends at once; what is open is written as unknown. */
  end(): void;
  /** Resolves at the end. Rejects with TruthFolderNotEmpty, RangeError, or what a truth file could not be written for. */
  readonly done: Promise<SimulationResult>;
}

/** Sends a fleet's messages and writes the truth of it. An unknown is sent again under its number until it is settled or the run ends. */
export function runSimulation(options: SimulationOptions): Simulation {
  const run = new Run(options);
  return { counters: () => run.counting.read(), stop: () => run.stop(), end: () => run.end(), done: run.run() };
}

const CHUNK = 500;
const LONGEST_WAIT_MS = 250;
/** What a pause may add to the next burst, in seconds of the rate; two messages at the least, so that a late wake-up costs none. */
const BURST_S = 0.1;
const KEPT_REFUSALS = 5;

class Run {
  readonly counting: Counting;
  readonly #options: SimulationOptions;
  readonly #fleet: Fleet;
  readonly #clock: SimulationClock;
  readonly #kill = new AbortController();
  readonly #open = new Map<number, Job>();
  /** By the message that has to be settled first. */
  readonly #held = new Map<number, Job[]>();
  readonly #refusals = new Set<string>();
  #senders: readonly Sender[] = [];
  #lanes: readonly (readonly Lane[])[] = [];
  #truth: Truth = noTruth;
  #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  /** After the newest time that anything of the run says. */
  #endUs = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#fleet = "messages" in options.fleet ? options.fleet : createFleet(options.fleet);
    this.#clock = options.clock ?? machineClock;
    this.counting = new Counting(() => this.#clock.monotonicMs(), this.#fleet.options.startUs);
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake.resolve();
  }

  end(): void {
    this.stop();
    this.#kill.abort();
  }

  async run(): Promise<SimulationResult> {
    const { truthDir, destinations, signal } = this.#options;
    if (destinations.length === 0) throw new RangeError("destinations: one at least");
    const startedMs = this.#clock.monotonicMs();
    if (truthDir !== undefined) this.#truth = await openTruthFolder(truthDir, this.#fleet, (error) => this.#fail(error));
    const abort = (): void => this.end();
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    const runId = randomBytes(6).toString("hex");
    this.#senders = destinations.map((destination) => openSender(destination, { client: this.#fleet.options.client, runId }));
    this.#lanes = this.#senders.map((sender) => Array.from({ length: sender.lanes }, (_, number) => this.#lane(sender, number)));
    const source = new Source(this.#fleet.messages((event) => this.#truth.happened(event)));
    try {
      await this.#send(source, startedMs);
      await this.#drain();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.end();
      signal?.removeEventListener("abort", abort);
      await Promise.all(this.#lanes.flat().map((lane) => lane.idle()));
      await Promise.all(this.#senders.map((sender) => sender.close()));
      source.close();
      this.#giveUp();
      await this.#truth.close(Math.max(this.#endUs, this.#fleet.options.startUs)).catch((error: unknown) => this.#fail(error));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    return { ...this.counting.read(), tookMs: this.#clock.monotonicMs() - startedMs, refusals: [...this.#refusals] };
  }

  async #send(source: Source, startedMs: number): Promise<void> {
    const { messages = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY, ratePerS, maxOpen = 5000 } = this.#options;
    // The rate counts from here; what a stall held up is not made good in one burst.
    let creditMs = startedMs;
    while (!this.#stopping.signal.aborted && this.counting.sent < messages) {
      const nowMs = this.#clock.monotonicMs();
      if (nowMs - startedMs >= forMs) return;
      let most = Math.min(CHUNK, messages - this.counting.sent, maxOpen - this.#open.size);
      if (ratePerS !== undefined) {
        creditMs = Math.max(creditMs, nowMs - Math.max(BURST_S, 2 / ratePerS) * 1000);
        most = Math.min(most, Math.floor(((nowMs - creditMs) * ratePerS) / 1000 + 1e-9));
      }
      const chunk = most > 0 ? source.take(most, this.#clock.nowUs()) : [];
      if (chunk.length > 0) {
        if (ratePerS !== undefined) creditMs += (chunk.length * 1000) / ratePerS;
        await this.#hand(chunk);
        continue;
      }
      const next = source.peek();
      if (next === undefined) return;
      await this.#pause(most > 0 ? (next.atUs - this.#clock.nowUs()) / 1000 : ratePerS === undefined || this.#open.size >= maxOpen ? LONGEST_WAIT_MS : creditMs + 1000 / ratePerS - nowMs);
    }
  }

  async #hand(chunk: readonly FleetMessage[]): Promise<void> {
    const jobs = chunk.map((message): readonly [Job, number] => [{ message, attempts: 0, why: undefined }, this.#destinationOf(message)]);
    await this.#truth.sent(jobs.map(([{ message }, destination]): readonly [FleetMessage, Transport] => [message, this.#senders[destination]!.transport]));
    for (const [job] of jobs) this.#open.set(job.message.seq, job);
    this.counting.sent += jobs.length;
    this.counting.simulatedUs = chunk.at(-1)?.atUs ?? this.counting.simulatedUs;
    for (const { atUs, samples } of chunk) this.#endUs = Math.max(this.#endUs, atUs + 1, (samples[0]?.timeUs ?? 0) + 1);
    for (const [job] of jobs) {
      const before = waitsFor(job.message);
      if (before === undefined || !this.#open.has(before)) this.#put(job);
      else this.#held.set(before, [...(this.#held.get(before) ?? []), job]);
    }
  }

  /** A repetition goes another way than its first, where there is one. */
  #destinationOf({ index, repeats }: FleetMessage): number {
    return (index + (repeats === undefined ? 0 : 1)) % this.#senders.length;
  }

  #put(job: Job): void {
    const lanes = this.#lanes[this.#destinationOf(job.message)]!;
    lanes[Math.floor(job.message.index / this.#senders.length) % lanes.length]!.put(job);
  }

  #lane(sender: Sender, number: number): Lane {
    return new Lane({
      sender, number, clock: this.#clock, signal: this.#kill.signal,
      onAttempt: (job) => {
        job.attempts += 1;
        this.counting.attempts += 1;
        if (job.attempts === 1) this.counting.firstAttempts += 1;
      },
      onSettled: (job, settled) => {
        const { message: { seq, expect }, attempts } = job;
        const why = settled.outcome === "refused" ? settled.why : undefined;
        this.#truth.settled({ seq, outcome: settled.outcome, attempts, atUs: this.#clock.nowUs(), ...(why === undefined ? {} : { why }) });
        if (why !== undefined && !expect.startsWith("parked:") && this.#refusals.size < KEPT_REFUSALS) this.#refusals.add(why);
        this.#open.delete(seq);
        this.counting.settled(settled.outcome);
        for (const held of this.#held.get(seq) ?? []) this.#put(held);
        this.#held.delete(seq);
        this.#wake.resolve();
      },
    });
  }

  async #drain(): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + (this.#options.drainMs ?? 60_000);
    while (this.#open.size > 0 && !this.#kill.signal.aborted && this.#clock.monotonicMs() < deadlineMs) await this.#pause(deadlineMs - this.#clock.monotonicMs());
  }

  /** Until so long has passed, something was settled, or the run is to end. */
  async #pause(ms: number): Promise<void> {
    this.#wake = Promise.withResolvers();
    const over = new AbortController();
    const kill = (): void => this.#wake.resolve();
    this.#kill.signal.addEventListener("abort", kill, { once: true });
    await Promise.race([this.#wake.promise, this.#clock.sleep(Math.max(1, Math.min(LONGEST_WAIT_MS, ms)), over.signal)]);
    over.abort();
    this.#kill.signal.removeEventListener("abort", kill);
  }

  #giveUp(): void {
    const atUs = this.#clock.nowUs();
    for (const { message: { seq }, attempts, why } of this.#open.values()) this.#truth.settled({ seq, outcome: "unknown", attempts, atUs, why: why ?? "the run ended before its answer" });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }
}
