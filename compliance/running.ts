import { join } from "node:path";
import { Directory, Erasures, groups, topics } from "@caudal/core";
import { rounds, startConsumer, type Consumer, type ConsumerStatus, type Operation } from "@caudal/runtime";
import { switchMark, type LedgerAudience } from "./audience/ledger-audience.ts";
import { CredentialStore } from "./credentials/credential-store.ts";
import { createLiveGate } from "./credentials/live-gate.ts";
import { credentialOperations } from "./credentials/operations.ts";
import { openSecretsKey, secretsKey } from "./credentials/secrets-key.ts";
import { deskOperations } from "./desk/desk.ts";
import { CertificateShelf } from "./evidence/certificates.ts";
import { evidenceOperations } from "./evidence/operations.ts";
import { PointDecisions } from "./evidence/point-lines.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { keptRootKey } from "./ledger/root-key.ts";
import { RootKeeper } from "./ledger/root-keeper.ts";
import { ObraBook } from "./obras/obra-book.ts";
import { obraOperations } from "./obras/operations.ts";
import type { ComplianceOptions, ComplianceParts } from "./options.ts";
import { regulatorUrls } from "./regulator-urls.ts";
import { createRegulators } from "./regulators/regulators.ts";
import { reportOperations } from "./reports/operations.ts";
import { createFreezing } from "./selection/freezing.ts";
import { seriesByAge } from "./selection/series-by-age.ts";
import { SlotBook } from "./slots/slot-book.ts";
import { bounded } from "./submission/bounded.ts";
import { SendSwitch } from "./submission/send-switch.ts";
import { createSubmitter } from "./submission/submitter.ts";

/** Everything of one epoch of the ledger: what is in memory of the ledger holds until a rehearsal is forgotten. */
export interface Running {
  readonly operations: readonly Operation[];
  readonly parts: ComplianceParts;
  status(): readonly ConsumerStatus[];
  start(): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
}

const SUBMIT_EVERY_MS = 2000;
const ROOTS_EVERY_MS = 60_000;
const CATCH_UPS_AT_ONCE = 8;

/** Opens the collections of a ledger for this audience; works from `start` on. */
export async function openRunning(options: ComplianceOptions, audience: LedgerAudience): Promise<Running> {
  const { documents, log, codec, warm, cold, archive, settings, keyFolder, clock, metrics, faults } = options;
  const logger = options.logger.child({ service: "compliance" });
  const nowUs = (): number => clock.nowUs();
  const regulators = createRegulators({ urls: regulatorUrls(settings, options.sandbox), postTimeoutMs: settings.postTimeoutMs, getTimeoutMs: settings.getTimeoutMs });
  const key = await openSecretsKey({ given: settings.secretsKey, file: join(keyFolder, "secrets.key") });
  const credentials = await CredentialStore.open(documents, key, settings.secretsKeyOld === undefined ? {} : { earlier: [secretsKey(settings.secretsKeyOld)] });
  const erasures = await Erasures.open(documents, () => clock.monotonicMs());
  const obras = await ObraBook.open(documents, nowUs, { liveGate: createLiveGate({ mode: settings.mode, credentials }), erased: () => erasures.clients() });
  const ledger = await openLedger(documents, { nowUs });
  const stale = new Set<string>();
  const slots = await SlotBook.open(documents, ledger, {
    onStaleRow: ({ work, slotUs, error }) => {
      stale.add(work);
      logger.warn("slot.row-stale", { work, slotUs, error });
    },
  });
  const sendSwitch = await SendSwitch.open(documents, {
    nowUs, instanceId: switchMark(options.instanceId, audience.audience), initially: audience.audience !== "live", mayBeOn: () => audience.holds(),
  });
  const roots = await RootKeeper.open(documents, { privateKeyPem: settings.ledgerKey ?? (await keptRootKey(join(keyFolder, "ledger.key"))), nowUs });
  const series = seriesByAge({ warm, cold, nowUs });
  const freezing = await createFreezing({ documents, obras, slots, ledger, series, regulators, codec, clock, logger, metrics });
  const submitter = createSubmitter({
    documents, obras, slots, ledger, credentials, regulators, sendSwitch, clock, logger, metrics,
    settings: { pauseMs: settings.centrePauseMs, timeoutMs: settings.postTimeoutMs }, ...(faults === undefined ? {} : { faults }),
  });
  const certificates = await CertificateShelf.open(documents);
  const evidence = { ledger, slots, roots, obras, certificates, decisions: await PointDecisions.open(documents), directory: await Directory.open(documents), cold, readings: { segments: archive, log, codec } };
  const consumers: Consumer[] = [];
  const ends: (() => Promise<void>)[] = [];

  /** Rows that an end between an entry and its row left behind. */
  async function catchUp(works: ReadonlySet<string> | undefined): Promise<void> {
    const behind = (await obras.all()).filter(({ work }) => works === undefined || works.has(work));
    await bounded(behind, CATCH_UPS_AT_ONCE, async (obra) => {
      stale.delete(obra.work);
      await slots.catchUp(obra);
    });
  }

  async function freezeAll(): Promise<void> {
    if (stale.size > 0) await catchUp(new Set(stale));
    while (!(await freezing.round()).isWhole && ends.length > 0);
  }

  return {
    parts: { obras, credentials, slots },
    operations: [
      ...obraOperations({ obras }), ...credentialOperations({ credentials, nowUs, logger }), ...reportOperations({ obras, slots, ledger }), ...evidenceOperations(evidence),
      ...(await deskOperations({ obras, slots, ledger, regulators, documents, nowUs, submitter, sendSwitch, mode: settings.mode })),
    ],
    status: () => consumers.map((consumer) => consumer.status()),
    async start() {
      await credentials.reseal();
      await catchUp(undefined);
      consumers.push(await startConsumer({ log, logger, metrics, clock, topic: topics.measurements, group: groups.compliance, handler: freezing.handler }));
      const told = (event: string) => (error: unknown): void => logger.warn(event, { error });
      ends.push(rounds(settings.roundEveryMs, freezeAll, told("slots.round-failed")));
      ends.push(rounds(ROOTS_EVERY_MS, () => roots.sign(), told("ledger.root-failed")));
      ends.push(rounds(SUBMIT_EVERY_MS, () => submitter.round(), told("submission.round-failed")));
      ends.push(rounds(settings.roundEveryMs, () => submitter.verifyRound(), told("submission.verification-failed")));
    },
    async stop(deadlineMs) {
      const ended = ends.splice(0).map((end) => end());
      await Promise.all([submitter.stop(), ...ended, ...consumers.splice(0).map((consumer) => consumer.close(deadlineMs))]);
    },
  };
}
