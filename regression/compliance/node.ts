import { CaudalError, type Documents, type PartitionHandler } from "@caudal/core";
import { atStep, faultyDocuments, silentLogger, type Clock, type FaultPoints } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import { CredentialStore } from "../../compliance/credentials/credential-store.ts";
import { secretsKey } from "../../compliance/credentials/secrets-key.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { RootKeeper } from "../../compliance/ledger/root-keeper.ts";
import { ObraBook } from "../../compliance/obras/obra-book.ts";
import type { Regulator } from "../../compliance/regulators/regulator.ts";
import type { SlotSeries } from "../../compliance/selection/fact-windows.ts";
import { createFreezing } from "../../compliance/selection/freezing.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { SendSwitch } from "../../compliance/submission/send-switch.ts";
import { createSubmitter } from "../../compliance/submission/submitter.ts";
import { quietMetrics } from "../simulation/run/quiet-metrics.ts";

export const syntheticKey = secretsKey(new Uint8Array(32).fill(9));
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Minutes of the hour at which slots are frozen: when they have settled, and when they are decided with what is there. */
const FREEZE_AT = [13, 53];
/** A work's next send may be due so soon. */
const AGAIN_MS = 5 * MINUTE_MS + 5000;
const MOST_ROUNDS = 20;
const AFTER_TROUBLE_MS = 20_000;

export interface NodeParts {
  readonly documents: Documents;
  readonly series: SlotSeries;
  readonly regulator: Regulator;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly faults: FaultPoints;
  /** False for one that sends for any control centre, whoever else does: only the chains keep it from sending what another sends. */
  readonly isLeased: boolean;
  /** Ed25519, PKCS 8 in PEM: what signs the roots of days. */
  readonly rootKeyPem: string;
  /** Told what takes batches of measurements, whenever that is another. */
  readonly onHandler: (handler: PartitionHandler) => void;
  /** Told of what is no trouble of a store. */
  readonly onFault: (error: unknown) => void;
}

/** One process of the service: its parts as the composition puts them together, and their rounds. It never returns; its process is ended. */
export async function runNode(parts: NodeParts): Promise<never> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
  for (;;) {
    try {
      await work(parts, pause);
    } catch (error) {
      if (!(error instanceof CaudalError) || error.code === "corrupt") parts.onFault(error);
    }
    await pause(AFTER_TROUBLE_MS);
  }
}

async function work({ documents: store, series, regulator, codec, clock, faults, isLeased, rootKeyPem, onHandler }: NodeParts, pause: (ms: number) => Promise<void>): Promise<void> {
  const documents = faultyDocuments(store, "compliance", faults);
  const nowUs = (): number => clock.nowUs();
  const common = { clock, logger: silentLogger, metrics: quietMetrics };
  const credentials = await CredentialStore.open(documents, syntheticKey);
  const obras = await ObraBook.open(documents, nowUs);
  const ledger = await openLedger(documents, { nowUs });
  const stale = new Set<string>();
  const slots = await SlotBook.open(documents, ledger, { onStaleRow: ({ work }) => stale.add(work) });
  const sendSwitch = await SendSwitch.open(documents, { nowUs });
  const regulators = new Map([["dga", regulator]]);
  const freezing = await createFreezing({ ...common, documents, obras, slots, ledger, series, regulators, codec });
  onHandler(freezing.handler);
  const roots = await RootKeeper.open(documents, { privateKeyPem: rootKeyPem, nowUs });
  const submitter = createSubmitter({
    ...common, ...(isLeased ? { documents } : {}), obras, slots, ledger, credentials, regulators, sendSwitch, faults, settings: { lookAgainMs: 4 * MINUTE_MS, lateCheckMs: 6 * HOUR_MS, verifyAfterMs: 0 },
  });
  for (const obra of await obras.all()) await slots.catchUp(obra);
  let [roundAtMs, verifyAtMs] = [0, 0];
  for (;;) {
    for (const obra of await obras.all()) if (stale.delete(obra.work)) await slots.catchUp(obra);
    let [frozen, isWhole] = [0, false];
    for (let rounds = 0; rounds < MOST_ROUNDS && !isWhole; rounds++) {
      const round = await atStep(faults, "compliance/freezing.round", () => freezing.round());
      [frozen, isWhole] = [frozen + round.frozen, round.isWhole];
    }
    await atStep(faults, "compliance/roots.sign", () => roots.sign());
    const nextMs = nextFreezeMs(clock.nowUs() / 1000) + performance.now();
    // Where nothing was frozen and little time has passed, nothing more can be due than was; who takes no leases wants what the other one froze.
    for (let isDue = frozen > 0 || !isLeased || performance.now() >= roundAtMs; isDue; ) {
      const { sent, waiting, failed } = await submitter.round();
      const tries = Object.values(sent).reduce((sum, some) => sum + some, 0);
      if (tries > 0 || performance.now() >= verifyAtMs) {
        await submitter.verifyRound();
        verifyAtMs = performance.now() + 3 * HOUR_MS;
      }
      roundAtMs = performance.now() + HOUR_MS * 0.9;
      const isIdle = failed.length === 0 && (tries === 0 || waiting <= tries);
      isDue = !isIdle && performance.now() + AGAIN_MS < nextMs;
      if (isDue) await pause(AGAIN_MS);
    }
    await pause(Math.max(1000, nextMs - performance.now()));
  }
}

/** From now on, by the process's own clock. */
function nextFreezeMs(nowMs: number): number {
  const intoMs = ((nowMs % HOUR_MS) + HOUR_MS) % HOUR_MS;
  const next = FREEZE_AT.map((minute) => minute * MINUTE_MS).find((atMs) => atMs > intoMs + 1000) ?? HOUR_MS + FREEZE_AT[0]! * MINUTE_MS;
  return next - intoMs;
}
