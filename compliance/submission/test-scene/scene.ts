import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemScope, type Documents } from "@caudal/core";
import { createHeldClock, createMetrics, settleWithin, silentLogger, type FaultPoints, type HeldClock, type Metrics } from "@caudal/runtime";
import { openEmbeddedDocuments } from "../../../adapters/embedded/index.ts";
import { CredentialStore } from "../../credentials/credential-store.ts";
import { secretsKey } from "../../credentials/secrets-key.ts";
import { sha256Hex, type LedgerEntry } from "../../ledger/entry.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { every } from "../../ledger/test-stores/every.ts";
import { openLedger } from "../../ledger/open-ledger.ts";
import type { ObraDraft } from "../../obras/draft.ts";
import { ObraBook } from "../../obras/obra-book.ts";
import type { Obra } from "../../obras/obra.ts";
import { draft } from "../../obras/test-draft.ts";
import { createDga } from "../../regulators/dga/dga.ts";
import type { Regulator } from "../../regulators/regulator.ts";
import { SlotBook } from "../../slots/slot-book.ts";
import type { SlotRow } from "../../slots/slot-row.ts";
import type { SubmitterPace } from "../options.ts";
import { SendSwitch } from "../send-switch.ts";
import { createSubmitter, type Submitter } from "../submitter.ts";
import { openRegulatorServer, type RegulatorServer } from "./regulator-server.ts";

export const PASSWORD = "synthetic-password-1";
export const us = (text: string): number => Date.parse(text) * 1000;
export const MINUTE_US = 60_000_000;
export const HOUR_US = 60 * MINUTE_US;
/** 13:30 on the regulator's clock. */
export const START = us("2026-06-11T17:30:00Z");

/** One process's worth of objects over a store. */
export interface Process {
  readonly submitter: Submitter;
  readonly ledger: Ledger;
  readonly slots: SlotBook;
  readonly obras: ObraBook;
  readonly sendSwitch: SendSwitch;
  readonly metrics: Metrics;
}

export interface ProcessOptions {
  readonly settings?: Partial<SubmitterPace>;
  readonly faults?: FaultPoints;
  readonly regulator?: (real: Regulator) => Regulator;
  readonly clock?: HeldClock;
  /** One process at a time sends for a control centre. */
  readonly leases?: boolean;
  /** The store as another process has it; the scene's when absent. */
  readonly documents?: Documents;
}

export interface Scene extends Process {
  readonly clock: HeldClock;
  readonly server: RegulatorServer;
  readonly documents: Documents;
  readonly credentials: CredentialStore;
  open(options?: ProcessOptions): Promise<Process>;
  work(over?: Partial<ObraDraft>): Promise<Obra>;
  /** Rows and frozen payloads at these instants. */
  freeze(obra: Obra, ...slots: readonly number[]): Promise<void>;
  rows(obra: Obra): Promise<readonly SlotRow[]>;
  row(obra: Obra, slotUs: number): Promise<SlotRow>;
  entries(obra: Obra): Promise<readonly LedgerEntry[]>;
  /** Rounds, and the clock on by so much after each. */
  rounds(count: number, apartMs: number): Promise<void>;
}

/** No pauses, and every round looks at everything; what is tested otherwise says so. */
const eager: Partial<SubmitterPace> = { pauseMs: 0, lookAgainMs: 0, lateCheckMs: 0, verifyPauseMs: 0, verifyAfterMs: 0, verifyAgainMs: 0 };

export async function openScene(context: Pick<TestContext, "after">, { startUs = START, ...options }: ProcessOptions & { readonly startUs?: number } = {}): Promise<Scene> {
  const clock = createHeldClock(startUs);
  const directory = await mkdtemp(join(tmpdir(), "caudal-submission-"));
  const documents = options.documents ?? (await openEmbeddedDocuments({ directory }));
  const server = await openRegulatorServer(() => clock.nowUs());
  const credentials = await CredentialStore.open(documents, secretsKey(new Uint8Array(32).fill(7)));
  await credentials.put("somebody", "dga", { user: "12345678-5", password: PASSWORD }, startUs - HOUR_US);
  const opened: Submitter[] = [];
  context.after(async () => {
    server.manner = () => "fault";
    // One that a test ended in the middle never stops.
    await settleWithin(() => Promise.all(opened.map((submitter) => submitter.stop())), 200);
    await server.close();
    if (options.documents === undefined) await documents.close();
    await rm(directory, { recursive: true });
  });

  async function open({ settings, faults, regulator = (real) => real, clock: own = clock, leases = false, documents: store = documents }: ProcessOptions = {}): Promise<Process> {
    const ownNow = (): number => own.nowUs();
    const ledger = await openLedger(store, { nowUs: ownNow });
    const slots = await SlotBook.open(store, ledger);
    const obras = await ObraBook.open(store, ownNow);
    const sendSwitch = await SendSwitch.open(store, { nowUs: ownNow });
    const metrics = createMetrics({ process: false });
    const dga = regulator(createDga(server.url, { postTimeoutMs: 60_000, getTimeoutMs: 60_000 }));
    const submitter = createSubmitter({
      obras, slots, ledger, credentials, regulators: new Map([["dga", dga]]), sendSwitch, clock: own, logger: silentLogger, metrics, sleep: own.sleep, settings: { ...eager, ...settings }, ...(faults === undefined ? {} : { faults }), ...(leases ? { documents: store } : {}),
    });
    opened.push(submitter);
    return { submitter, ledger, slots, obras, sendSwitch, metrics };
  }

  const first = await open(options);
  const scene: Scene = {
    ...first, clock, server, documents, credentials, open,
    work: (over = {}) => first.obras.put("somebody", draft({ mode: "live", submitFromUs: us("2026-01-01T04:00:00Z"), ...over }), "test"),
    freeze: async (obra, ...slots) => {
      const dga = createDga(server.url, { postTimeoutMs: 1, getTimeoutMs: 1 });
      for (const slotUs of slots) {
        await first.slots.ensure(obra, { fromUs: slotUs, toUs: slotUs + 1 });
        const frozen = dga.freeze(obra, slotUs, { flowLps: 15.3, totalM3: 1010, depthM: 9.85 });
        if (frozen.kind !== "frozen") throw new Error(frozen.reason);
        const { path, headers, body } = frozen.payload;
        await first.slots.append(obra, slotUs, { by: "freezer", decide: ({ version }) => ({ kind: "frozen", slotUs, version: version + 1, path, headers: { ...headers }, payload: body, sha256: sha256Hex(body), taken: [] }) });
      }
    },
    rows: async (obra) => (await first.slots.find(systemScope, { work: obra.work, limit: 1000 })).items,
    row: async (obra, slotUs) => (await first.slots.row(obra.work, slotUs))!,
    entries: (obra) => every(first.ledger.entries(obra.work, 0)),
    rounds: async (count, apartMs) => {
      for (let round = 0; round < count; round++) {
        await first.submitter.round();
        await clock.advance(apartMs);
      }
    },
  };
  return scene;
}
