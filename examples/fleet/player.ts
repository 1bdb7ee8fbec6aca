import type { BrokerLink } from "./broker-link.ts";
import type { Pace, PaceLevel } from "./pace.ts";
import { Rate } from "./rate.ts";
import type { Outgoing, Track } from "./track.ts";

const MESSAGES_IN_FLIGHT = 16;
const LONGEST_WAIT_MS = 250;
const RETRY_MS = 500;
const PROGRESS_EVERY_MS = 100;
const SAVE_EVERY_MS: Readonly<Record<Phase, number>> = { backfill: 1000, live: 5000 };

export type Phase = "backfill" | "live";

/** How far the fleet is: rows sent of those that were due at the start, and the time that the rest will take. */
export interface FleetProgress {
  readonly sent: number;
  readonly total: number;
  readonly phase: Phase;
  readonly etaMs: number;
}

export interface FleetStatus {
  readonly phase: Phase;
  readonly backfillSent: number;
  readonly backfillTotal: number;
  /** Rows a second over the last ten seconds. */
  readonly readingsPerSecond: number;
  readonly devices: number;
  readonly connected: boolean;
  /** `full`, or slower while the demo's data is close to its limit. */
  readonly pace: PaceLevel;
}

export interface PlayerParts {
  readonly tracks: readonly Track[];
  readonly link: BrokerLink;
  readonly pace: Pace;
  readonly nowMs: () => number;
  /** Stores every track's placement; resolves when it is durable. */
  readonly save: () => Promise<void>;
  readonly onProgress: (progress: FleetProgress) => void;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * Sends what is due: one message a device at a time, so each keeps its source's order, and devices in turn, so all
 * appear at once. A position moves only when the broker has acknowledged.
 */
export class Player {
  readonly #parts: PlayerParts;
  readonly #rate = new Rate();
  /** Monotonic, as every wait and interval here; only what is due asks the clock. */
  readonly #startedMs = performance.now();
  readonly #caughtUp = Promise.withResolvers<void>();
  #phase: Phase = "backfill";
  #sent = 0;
  #total = 0;
  #open = 0;
  #turn = 0;
  #dirty = false;
  #saving: Promise<void> | null = null;
  #savedAtMs = -Infinity;
  #toldAtMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #kicked = false;
  #stopping = false;

  constructor(parts: PlayerParts) {
    this.#parts = parts;
    const nowMs = parts.nowMs();
    this.#total = parts.tracks.reduce((sum, track) => sum + track.due(nowMs, parts.pace.level), 0);
    this.#kick();
  }

  /** Resolves when everything that was due had been acknowledged for the first time. */
  caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  status(): FleetStatus {
    const { tracks, link, pace, nowMs } = this.#parts;
    return {
      phase: this.#phase,
      backfillSent: this.#sent,
      backfillTotal: this.#total,
      readingsPerSecond: this.#rate.perSecond(nowMs()),
      devices: tracks.length,
      connected: link.connected(),
      pace: pace.level,
    };
  }

  /** Stops taking new rows, gives open messages a moment, closes the link and stores the positions; under a second. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const deadline = performance.now() + 400;
    while (this.#open > 0 && this.#parts.link.connected() && performance.now() < deadline) await new Promise((done) => setTimeout(done, 10));
    await this.#parts.link.close();
    await this.#saving;
    await this.#parts.save().catch((error: unknown) => this.#parts.log("fleet.state-not-stored", { reason: String(error) }));
  }

  #kick(): void {
    if (this.#kicked || this.#stopping) return;
    this.#kicked = true;
    setImmediate(() => {
      this.#kicked = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#stopping) return;
    const nowMs = this.#parts.nowMs();
    void this.#parts.pace.check(nowMs);
    const waiting = this.#sendDue(nowMs);
    if (!waiting && this.#open === 0 && this.#phase === "backfill") this.#goLive();
    this.#saveWhenDue();
    this.#tell(false);
    this.#sleep(nowMs);
  }

  /** Starts messages in turn until nothing is due or the window is full; true when something could not be sent yet. */
  #sendDue(nowMs: number): boolean {
    const { tracks, pace } = this.#parts;
    let waiting = false;
    for (let i = 0; i < tracks.length; i += 1) {
      const index = (this.#turn + i) % tracks.length;
      const track = tracks[index];
      if (track === undefined || track.inFlight) continue;
      const due = track.due(nowMs, pace.level);
      if (due === 0) continue;
      if (this.#open >= MESSAGES_IN_FLIGHT) {
        this.#turn = index;
        return true;
      }
      waiting = true;
      if (track.storedOffsetMs !== track.placement.offsetMs) this.#save();
      else this.#send(track, track.compose(due));
    }
    return waiting;
  }

  #send(track: Track, message: Outgoing): void {
    if (message.payload === null) return this.#settle(track, message.rows);
    track.inFlight = true;
    this.#open += 1;
    this.#parts.link.publish(track.topic, message.payload).then(
      () => {
        this.#open -= 1;
        track.inFlight = false;
        this.#settle(track, message.rows);
      },
      (error: unknown) => {
        this.#open -= 1;
        if (this.#stopping) return;
        this.#parts.log("fleet.publish-failed", { device: track.series.entry.device, reason: String(error) });
        setTimeout(() => (track.inFlight = false), RETRY_MS).unref();
      },
    );
  }

  #settle(track: Track, rows: number): void {
    const nowMs = this.#parts.nowMs();
    track.acknowledge(rows, nowMs);
    this.#rate.add(rows, nowMs);
    this.#dirty = true;
    if (this.#phase === "backfill") {
      this.#sent += rows;
      this.#total = Math.max(this.#total, this.#sent);
    }
    this.#kick();
  }

  #goLive(): void {
    this.#phase = "live";
    this.#total = this.#sent;
    this.#parts.log("fleet.caught-up", { rows: this.#sent, tookMs: Math.round(performance.now() - this.#startedMs) });
    this.#tell(true);
    this.#caughtUp.resolve();
  }

  #saveWhenDue(): void {
    if (this.#dirty && performance.now() - this.#savedAtMs >= SAVE_EVERY_MS[this.#phase]) this.#save();
  }

  #save(): void {
    if (this.#saving !== null) return;
    this.#dirty = false;
    this.#savedAtMs = performance.now();
    this.#saving = this.#parts.save().then(
      () => {
        this.#saving = null;
        this.#kick();
      },
      (error: unknown) => {
        setTimeout(() => (this.#saving = null), RETRY_MS).unref();
        this.#dirty = true;
        this.#parts.log("fleet.state-not-stored", { reason: String(error) });
      },
    );
  }

  #tell(always: boolean): void {
    const at = performance.now();
    if (!always && at - this.#toldAtMs < PROGRESS_EVERY_MS) return;
    this.#toldAtMs = at;
    const took = at - this.#startedMs;
    const etaMs = this.#phase === "live" || this.#sent === 0 ? 0 : Math.round((took / this.#sent) * (this.#total - this.#sent));
    this.#parts.onProgress({ sent: this.#sent, total: this.#total, phase: this.#phase, etaMs });
  }

  #sleep(nowMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const next = this.#parts.tracks.reduce((least, track) => (track.inFlight ? least : Math.min(least, track.nextDueMs())), Infinity);
    const waitMs = Math.min(Math.max(next - nowMs, 20), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.#pump(), waitMs);
  }
}
