import { createMetrics, silentLogger, systemClock } from "@caudal/runtime";
import { openMongoDocuments } from "../../adapters/mongo/index.ts";
import { CredentialStore } from "../../compliance/credentials/credential-store.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { ObraBook } from "../../compliance/obras/obra-book.ts";
import { createDga } from "../../compliance/regulators/dga/dga.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { SendSwitch } from "../../compliance/submission/send-switch.ts";
import { createSubmitter } from "../../compliance/submission/submitter.ts";
import { syntheticKey } from "./node.ts";

/** What a racing process is told: its store, its regulator, and the step that it tells of when it comes there. */
export interface RaceOrder {
  readonly documentsUrl: string;
  readonly regulatorUrl: string;
  readonly point: string;
}

const ROUND_EVERY_MS = 100;
/** Time for whoever was told to stop this process. */
const LINGER_MS = 100;
export const STALE_MS = 1500;

/** Submits as the service does until it is told to end. */
async function race({ documentsUrl, regulatorUrl, point }: RaceOrder): Promise<void> {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
  const nowUs = (): number => systemClock.nowUs();
  const documents = await openMongoDocuments({ url: documentsUrl });
  const ledger = await openLedger(documents, { nowUs });
  let isTold = false;
  const submitter = createSubmitter({
    obras: await ObraBook.open(documents, nowUs), slots: await SlotBook.open(documents, ledger), ledger, credentials: await CredentialStore.open(documents, syntheticKey),
    regulators: new Map([["dga", createDga(regulatorUrl, { postTimeoutMs: 2000, getTimeoutMs: 2000 })]]), sendSwitch: await SendSwitch.open(documents, { nowUs }), clock: systemClock, logger: silentLogger,
    metrics: createMetrics({ process: false }), settings: { pauseMs: 0, lookAgainMs: 0, staleMs: STALE_MS, timeoutMs: 2000 },
    faults: { reach: async (name) => {
      if (name !== point || isTold) return;
      isTold = true;
      process.send?.("reached");
      await pause(LINGER_MS);
    } },
  });
  let isEnded = false;
  process.once("message", () => (isEnded = true));
  process.send?.("ready");
  while (!isEnded) {
    await submitter.round();
    await pause(ROUND_EVERY_MS);
  }
  await submitter.stop();
  await documents.close();
  process.disconnect();
}

process.once("message", (order) => void race(order as RaceOrder));
