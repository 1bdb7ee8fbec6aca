import { watch, type FSWatcher } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { deviceKey, formatInstant, systemScope } from "@caudal/core";
import { atStep, noFaults, retry, type Clock, type Component, type FaultPoints, type Logger, type Metrics } from "@caudal/runtime";
import { MAX_MESSAGE_BYTES } from "../decode/limits.ts";
import type { ClientResolver } from "../edge/client-resolver.ts";
import type { Edge, Kept, Prepared, Route } from "../edge/edge.ts";
import { derivedEventId } from "../edge/event-id.ts";
import { traceparentFrom } from "../edge/trace.ts";
import { Candidates } from "./candidates.ts";
import { Claims, type Claim } from "./claims.ts";
import { decodeFile, readWhole, type DecodedFile, type FileContent } from "./read-file.ts";

export interface DropFolderOptions {
  readonly folder: string;
  /** All readings belong to it; undefined looks for the client that has the device. */
  readonly client: string | undefined;
  /** Zone of times without an offset. */
  readonly zone: string;
  readonly settleMs: number;
  readonly pollMs: number;
  readonly edge: Edge;
  readonly resolver: ClientResolver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Reached around claim, read, publish, move and close, in this order; a crash at any of them loses and doubles nothing. */
  readonly faults?: FaultPoints;
}

export interface DropFolderStatus {
  readonly folder: string;
  /** Files seen that are not complete yet. */
  readonly waiting: number;
  readonly problem: string | undefined;
}

interface ReadFile {
  readonly path: string;
  readonly content: FileContent;
  readonly decoded: DecodedFile | undefined;
}

const BATCH_FILES = 200;
const READS_AT_ONCE = 16;
const MAX_WATCHES = 256;
const NUDGE_AFTER_MS = 20;
const SLOTS = 1000;
const SLOT_US = 1000;

/** Takes the files of a folder: claimed by a rename, read, published, and only then moved to `done/`; what is of no use goes to `failed/` with its reason. */
export class DropFolder implements Component {
  readonly name = "drop-folder";
  readonly #options: DropFolderOptions;
  readonly #root: string;
  readonly #claims: Claims;
  readonly #candidates: Candidates;
  readonly #stop = new AbortController();
  readonly #watchers = new Map<string, FSWatcher>();
  #wake = (): void => {};
  #loop: Promise<void> = Promise.resolve();
  #waiting = 0;
  #problem: string | undefined;

  constructor(options: DropFolderOptions) {
    this.#options = options;
    this.#root = resolve(options.folder);
    this.#claims = new Claims(this.#root);
    this.#candidates = new Candidates(this.#root, options.settleMs);
  }

  async start(): Promise<void> {
    await mkdir(this.#root, { recursive: true });
    await this.#claims.open();
    this.#loop = this.#run();
    this.#options.logger.info("drop-folder.watching", { folder: this.#root });
  }

  /** Finishes the batch in hand; what was claimed and not published is read again at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#loop;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  status(): DropFolderStatus {
    return { folder: this.#root, waiting: this.#waiting, problem: this.#problem };
  }

  async #run(): Promise<void> {
    let left: Claim[] | undefined;
    while (!this.#stop.signal.aborted) {
      try {
        left ??= [...(await this.#claims.leftBehind())];
        for (let claim = left[0]; claim !== undefined && !this.#stop.signal.aborted; claim = left[0]) {
          await this.#process(claim);
          left.shift();
        }
        await this.#takeNew();
        this.#problem = undefined;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#problem = error instanceof Error ? error.message : "the folder cannot be read";
        this.#options.logger.error("drop-folder.failed", { folder: this.#root, error });
        // What was claimed and not finished is found again like what a crash leaves.
        left = undefined;
      }
      await this.#pause();
    }
  }

  async #takeNew(): Promise<void> {
    const { complete, waiting } = await this.#candidates.look(this.#options.clock.monotonicMs());
    this.#waiting = waiting;
    this.#watch();
    for (let from = 0; from < complete.length && !this.#stop.signal.aborted; from += BATCH_FILES) {
      const paths = complete.slice(from, from + BATCH_FILES);
      await this.#process(await this.#step("claim", () => this.#claims.take(paths, this.#options.clock.nowUs())));
    }
  }

  async #process(claim: Claim): Promise<void> {
    const files = await this.#step("read", () => this.#readAll(claim));
    const { readings, kept } = await this.#gather(claim, files);
    await this.#step("publish", () => retry(() => this.#options.edge.publish(readings, kept), { signal: this.#stop.signal, repeatUnknown: true }));
    for (const file of files) await this.#step("move", () => this.#moveAway(claim, file));
    await this.#step("close", () => this.#claims.close(claim));
  }

  #step<T>(name: string, step: () => Promise<T>): Promise<T> {
    return atStep(this.#options.faults ?? noFaults, `collector/dropfolder.${name}`, step);
  }

  async #readAll(claim: Claim): Promise<ReadFile[]> {
    const files: ReadFile[] = [];
    for (let from = 0; from < claim.paths.length; from += READS_AT_ONCE) {
      files.push(...(await Promise.all(claim.paths.slice(from, from + READS_AT_ONCE).map((path) => this.#read(claim, path)))));
    }
    return files;
  }

  async #read(claim: Claim, path: string): Promise<ReadFile> {
    const content = await readWhole(join(claim.folder, path), this.#options.settleMs);
    if (content.bytes === undefined) return { path, content, decoded: undefined };
    return { path, content, decoded: decodeFile({ root: this.#root, path, bytes: content.bytes, receivedAtUs: claim.claimedAtUs, zone: this.#options.zone }) };
  }

  async #gather(claim: Claim, files: readonly ReadFile[]): Promise<{ readings: Prepared[]; kept: Kept[] }> {
    const devices = files.flatMap(({ decoded }) => decoded?.rows.flatMap(({ device }) => device ?? []) ?? []);
    const clients = this.#options.client === undefined ? await this.#options.resolver.resolve(systemScope, devices) : undefined;
    const clientOf = (device: string): string | undefined => this.#options.client ?? clients?.get(device);
    const refused = await this.#options.edge.admit([...new Set(devices)].flatMap((device) => {
      const client = clientOf(device);
      return client === undefined ? [] : [{ client, device, source: "dropfolder", transport: "file", receivedAtUs: claim.claimedAtUs }];
    }));
    const readings: Prepared[] = [];
    const kept: Kept[] = [];
    for (const { path, content, decoded } of files) {
      const beginsUs = receivedFrom(claim, path);
      decoded?.rows.forEach(({ device, outcome }, row) => {
        const route: Route = { source: "dropfolder", transport: "file", origin: path, receivedAtUs: beginsUs + Math.min(row, SLOT_US - 1) };
        const client = this.#options.client ?? clients?.get(device ?? "");
        // The same file under the same name is the same events, however often it is read.
        const eventId = derivedEventId("file", path, content.sha256, row);
        const keep = (refusal: Kept["refusal"]): number => kept.push({
          client, device, route, raw: outcome.raw, contentType: outcome.contentType, refusal, eventId,
          ...("columns" in outcome && outcome.columns !== undefined ? { labels: { columns: outcome.columns.join(";") } } : {}),
        });
        if (outcome.kind === "park") return keep(outcome.refusal);
        if (device === undefined) return keep({ why: "no-device", detail: "neither the folder nor the file names a device" });
        if (client === undefined) return keep({ why: "unknown-client", detail: "no client can be told; set CAUDAL_DROP_CLIENT" });
        // The file itself stays in done/, so that what is not kept aside is not lost.
        if (refused.has(deviceKey(client, device))) return this.#options.edge.mayPark(client) ? keep({ why: "device-quota", detail: `${device} is one device too many that nobody knows` }) : 0;
        const prepared = this.#options.edge.prepare({ client, device, eventId, traceparent: traceparentFrom(undefined), route, row: outcome });
        return prepared.ok ? readings.push(prepared.value) : keep(prepared.refusal);
      });
    }
    return { readings, kept };
  }

  async #moveAway(claim: Claim, { path, content, decoded }: ReadFile): Promise<void> {
    const files = this.#options.metrics.counter("caudal_dropfolder_files_total");
    const useful = decoded?.rows.some(({ outcome }) => outcome.kind === "reading") ?? false;
    if (useful) {
      await this.#claims.done(claim, path, content.sha256);
      return files.inc({ outcome: "done" });
    }
    if (content.problem === "gone") return;
    const first = decoded?.rows[0]?.outcome;
    const refusal = first?.kind === "park" ? first.refusal : notRead(content);
    const failedAt = formatInstant(claim.claimedAtUs);
    await this.#claims.failed(claim, path, { reason: refusal.why, detail: refusal.detail, bytes: content.sizeBytes, sha256: content.sha256, failedAt });
    files.inc({ outcome: "failed" });
    this.#options.logger.warn("drop-folder.file-failed", { file: path, reason: refusal.why, detail: refusal.detail });
  }

  /** Until something moves in the folder, or it is time to look anyway: watching alone misses what some file systems do. */
  async #pause(): Promise<void> {
    const { settleMs, pollMs } = this.#options;
    const waitMs = this.#waiting > 0 ? Math.min(settleMs, pollMs) : pollMs;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        setTimeout(done, NUDGE_AFTER_MS);
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
    this.#wake = () => {};
  }

  #watch(): void {
    const folders = new Set(this.#candidates.folders().slice(0, MAX_WATCHES));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, () => this.#wake());
        watcher.on("error", () => watcher.close());
        this.#watchers.set(folder, watcher);
      } catch {
        return;
      }
    }
  }
}

/**
 * Rows without a time take their received time as their instant, so each has one of its own: a slot a file, just before the claim, a
 * microsecond a row. It follows from the claim and the name alone: whoever reads the file again gives the same.
 */
function receivedFrom(claim: Claim, path: string): number {
  return claim.claimedAtUs - (parseInt(derivedEventId(path).slice(0, 8), 16) % SLOTS) * SLOT_US - SLOT_US;
}

function notRead({ problem, sizeBytes }: FileContent): { readonly why: string; readonly detail: string } {
  if (problem === "unreadable") return { why: "unreadable", detail: "the file cannot be read" };
  return { why: "too-large", detail: `${sizeBytes} bytes, where ${MAX_MESSAGE_BYTES} are the most` };
}
