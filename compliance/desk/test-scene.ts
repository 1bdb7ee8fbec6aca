import type { Documents } from "@caudal/core";
import { createMetrics, silentLogger } from "@caudal/runtime";
import { openRegulatorSandbox, type RegulatorSandbox } from "../../sandbox/index.ts";
import type { TakenValue } from "../ledger/entry.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ObraDraft } from "../obras/draft.ts";
import type { Obra } from "../obras/obra.ts";
import { draft } from "../obras/test-draft.ts";
import { createRegulators } from "../regulators/regulators.ts";
import type { Regulator } from "../regulators/regulator.ts";
import { valuesOf } from "../selection/values.ts";
import { SlotBook } from "../slots/slot-book.ts";
import { createSubmitter, type Submitter } from "../submission/submitter.ts";
import { SendSwitch } from "../submission/send-switch.ts";
import { openScene, type Scene } from "../test-scene.ts";
import { deskOperations } from "./desk.ts";
import { frozenBody, frozenOrProblem } from "./frozen-body.ts";

export const us = (text: string): number => Date.parse(text) * 1000;
export const HOUR_US = 3_600_000_000;
/** 14:30 on the regulator's clock. */
export const NOW = us("2026-06-11T18:30:00Z");

/** The desk over real stores and the regulators' sandbox. */
export interface DeskScene extends Scene {
  readonly sandbox: RegulatorSandbox;
  readonly ledger: Ledger;
  readonly slots: SlotBook;
  readonly sendSwitch: SendSwitch;
  readonly submitter: Submitter;
  readonly regulators: ReadonlyMap<string, Regulator>;
  work(over?: Partial<ObraDraft>): Promise<Obra>;
  /** Rows of the hours before, this one last, all of them expected. */
  rows(obra: Obra, fromUs: number, toUs: number): Promise<void>;
  hold(obra: Obra, slotUs: number, values: Measured, reasons: readonly string[]): Promise<void>;
  freeze(obra: Obra, slotUs: number, values: Measured): Promise<void>;
  /** Path of a work, or of a slot of it, below a folder of the API. */
  at(obra: Obra, slotUs?: number): string;
}

export type Measured = Partial<Record<"flow" | "total" | "depth", number>>;

export function takenAt(slotUs: number, values: Measured): TakenValue[] {
  return Object.entries(values).map(([variable, value]) => ({ variable, point: "p7", value: String(value), instantUs: slotUs - 60_000_000, knownAtUs: slotUs, flag: 1, reasons: [] }));
}

/** `documents`: another store than an embedded one of the scene's own. */
export async function openDeskScene(documents?: Documents): Promise<DeskScene> {
  let held: { readonly atUs: number } = { atUs: NOW };
  const sandbox = await openRegulatorSandbox({ seed: "desk", nowMs: () => held.atUs / 1000 });
  const regulators = createRegulators({ urls: sandbox.baseUrls });
  const made: { ledger: Ledger; slots: SlotBook; sendSwitch: SendSwitch; submitter: Submitter }[] = [];
  const opened = await openScene({
    ...(documents === undefined ? {} : { documents }),
    more: async (parts) => {
      const { documents, obras, credentials, nowUs, clock } = parts;
      clock.atUs = NOW;
      held = clock;
      const ledger = await openLedger(documents, { nowUs });
      const slots = await SlotBook.open(documents, ledger);
      const sendSwitch = await SendSwitch.open(documents, { nowUs });
      const submitter = createSubmitter({
        obras, slots, ledger, credentials, regulators, sendSwitch, clock: { nowUs, monotonicMs: () => nowUs() / 1000 }, logger: silentLogger, metrics: createMetrics({ process: false }),
        settings: { pauseMs: 0, lookAgainMs: 0, lateCheckMs: 0, verifyPauseMs: 0, verifyAfterMs: 0, verifyAgainMs: 0 },
      });
      made.push({ ledger, slots, sendSwitch, submitter });
      return deskOperations({ obras, slots, ledger, regulators, documents, nowUs, submitter, sendSwitch, mode: "sandbox" });
    },
  });
  const { ledger, slots, sendSwitch, submitter } = made[0]!;
  await opened.credentials.put("somebody", "dga", { user: "12345678-5", password: "synthetic-password-1" }, NOW);
  return {
    ...opened, sandbox, ledger, slots, sendSwitch, submitter, regulators,
    work: (over = {}) => opened.obras.put("somebody", draft({ mode: "live", submitFromUs: us("2026-06-01T04:00:00Z"), ...over }), "test"),
    rows: async (obra, fromUs, toUs) => void (await slots.ensure(obra, { fromUs, toUs })),
    hold: async (obra, slotUs, values, reasons) => {
      await slots.append(obra, slotUs, { by: "freezer", decide: () => ({ kind: "held", slotUs, reasons, taken: takenAt(slotUs, values) }) });
    },
    freeze: async (obra, slotUs, values) => {
      const taken = takenAt(slotUs, values);
      const payload = frozenOrProblem(regulators, { obra, slotUs, values: valuesOf(obra, taken) });
      await slots.append(obra, slotUs, { by: "freezer", decide: ({ version }) => frozenBody(payload, { slotUs, version: version + 1, taken }) });
    },
    at: ({ regulator, code }, slotUs) => `/${regulator}/${code}${slotUs === undefined ? "" : `/${encodeURIComponent(new Date(slotUs / 1000).toISOString())}`}`,
    close: async () => {
      await submitter.stop();
      await opened.close();
      await sandbox.close();
    },
  };
}
