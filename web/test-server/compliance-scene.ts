import { systemScope, type Role } from "../../core/index.ts";
import { createLogger, createMetrics, systemClock } from "../../runtime/index.ts";
import { certificateOperations } from "../../compliance/evidence/certificate-operations.ts";
import { CertificateShelf } from "../../compliance/evidence/certificates.ts";
import { deskOperations } from "../../compliance/desk/desk.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { sha256Hex, type EntryBody, type TakenValue } from "../../compliance/ledger/entry.ts";
import { draft } from "../../compliance/obras/test-draft.ts";
import type { ObraDraft } from "../../compliance/obras/draft.ts";
import type { Obra } from "../../compliance/obras/obra.ts";
import type { Regulator } from "../../compliance/regulators/regulator.ts";
import { createRegulators } from "../../compliance/regulators/regulators.ts";
import { wireDay } from "../../compliance/regulators/dga/wire-time.ts";
import { reportOperations } from "../../compliance/reports/operations.ts";
import { SlotMaker } from "../../compliance/selection/slot-maker.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { SendSwitch } from "../../compliance/submission/send-switch.ts";
import { createSubmitter, type Submitter } from "../../compliance/submission/submitter.ts";
import { draftOf } from "../../compliance/obras/settled.ts";
import type { InstallationMode } from "../../compliance/settings.ts";
import { openScene, type Scene } from "../../compliance/test-scene.ts";

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const at = (instant: string): number => Date.parse(instant) * 1000;
/** The regulator's midnight of 9 June 2026, and now: 13:30 of the 11th. */
const FROM_US = at("2026-06-09T04:00:00Z");
const NOW_US = at("2026-06-11T17:30:00Z");
const AHEAD_US = at("2026-07-02T04:00:00Z");

export interface ComplianceScene {
  readonly baseUrl: string;
  readonly nowMs: number;
  readonly slots: SlotBook;
  /** Where its data are, and every line that it logged. */
  readonly folder: string;
  readonly lines: readonly string[];
  /** Makes the slots of all works, as the service does on its rounds. */
  makeSlots(): Promise<void>;
  /** What somebody else saves of a work meanwhile. */
  change(code: string, over: Partial<ObraDraft>, reason: string): Promise<void>;
  token(role: Role, clients?: readonly string[]): string;
  close(): Promise<void>;
}

interface Written {
  readonly scene: Scene;
  readonly slots: SlotBook;
  readonly regulators: ReadonlyMap<string, Regulator>;
}

/** The real operations of works, desk and reports over a real store, without a submitter's rounds; `empty` has no works. The breaker's state is as given, since no regulator is asked. */
export async function openComplianceScene({ empty = false, breaker = false, mode = "sandbox" }: { readonly empty?: boolean; readonly breaker?: boolean; readonly mode?: InstallationMode } = {}): Promise<ComplianceScene> {
  const regulators = createRegulators({ urls: { dga: undefined, sma: undefined } });
  let submitter: Submitter | undefined;
  let book: SlotBook | undefined;
  const scene = await openScene({
    mode,
    more: async ({ documents, obras, credentials, clock, nowUs }) => {
      clock.atUs = FROM_US;
      const ledger = await openLedger(documents, { nowUs });
      const slots = await SlotBook.open(documents, ledger);
      const sendSwitch = await SendSwitch.open(documents, { nowUs });
      const logger = createLogger({ level: "error", destination: { write: () => undefined } });
      const sender = createSubmitter({ obras, slots, ledger, credentials, regulators, sendSwitch, clock: { ...systemClock, nowUs }, logger, metrics: createMetrics({ process: false }) });
      [submitter, book] = [sender, slots];
      const shown = breaker ? { ...sender, breakers: () => [{ regulator: "dga", state: "open" as const, why: "blocks", retryInMs: 90_000, opened: 1 }] } : sender;
      return [...await deskOperations({ obras, slots, ledger, regulators, documents, nowUs, submitter: shown, sendSwitch, mode }), ...reportOperations({ obras, slots, ledger }), ...certificateOperations({ obras, certificates: await CertificateShelf.open(documents) })];
    },
  });
  if (book === undefined || submitter === undefined) throw new Error("the scene was not made");
  if (!empty) await writeAll({ scene, slots: book, regulators });
  scene.clock.atUs = NOW_US;
  const [slots, sender] = [book, submitter];
  return {
    baseUrl: scene.baseUrl, nowMs: NOW_US / 1000, slots, folder: scene.folder, lines: scene.lines,
    makeSlots: async () => {
      await (await SlotMaker.open(scene.documents, slots)).make(await scene.obras.all(), NOW_US, 10_000);
    },
    change: async (code, over, reason) => {
      const obra = await scene.obras.get(systemScope, `dga/${code}`);
      if (obra === undefined) throw new Error(`no work ${code}`);
      await scene.obras.put("Ana Soto", { ...draftOf(obra), ...over } as ObraDraft, reason);
    },
    token: (role, clients) => scene.token(role, clients ?? "all"),
    close: async () => {
      await sender.stop();
      await scene.close();
    },
  };
}

async function writeAll(given: Written): Promise<void> {
  const { scene } = given;
  await scene.credentials.put("test", "dga", { user: "12345678-5", password: "synthetic" }, FROM_US);
  const put = (over: Partial<ObraDraft>): Promise<Obra> => scene.obras.put("Rosa Díaz", draft({ submitFromUs: FROM_US, mode: "live", right: { flowLps: 5, annualM3: 5000, tolerance: 0.2 }, ...over }), "alta de la obra");
  const hourly = await put({ name: "Pozo Los Aromos", windowMinutes: 4 });
  await scene.obras.put("Ana Soto", draft({ submitFromUs: FROM_US, mode: "live", right: { flowLps: 5, annualM3: 5000, tolerance: 0.2 }, name: "Pozo Los Aromos" }), "ventana según instructivo");
  const daily = await put({ code: "OB-0602-8", name: "Pozo El Peral", standard: "medio", client: "riego-sur" });
  const channel = await put({ code: "OB-0710-1", name: "Canal Matriz", standard: "menor", water: "surface-channel", mode: "shadow", feeds: [{ quantity: "flow", point: "c1", variable: "flow" }, { quantity: "stage", point: "c1", variable: "stage" }] });
  for (const obra of [hourly, daily, channel]) await given.slots.ensure(obra, { fromUs: FROM_US, toUs: AHEAD_US });
  await writeHourly(given, hourly);
  for (const [index, day] of ["2026-06-09", "2026-06-10"].entries()) await write(given, daily, at(`${day}T04:00:00Z`), { index, afterUs: 10 * MINUTE_US });
  scene.clock.atUs = NOW_US - HOUR_US;
  await given.slots.appendToWork(daily, { by: "submitter", decide: () => ({ kind: "stopped", reason: "Usuario no es el informante registrado en la Obra" }) });
}

/** Two days and a half of an hourly work: most in time, some late, a hole, one held twice over, one refused, one unknown, one without a voucher. */
async function writeHourly(given: Written, obra: Obra): Promise<void> {
  const odd: Readonly<Record<number, Partial<Told>>> = {
    6: { afterUs: 3 * HOUR_US }, 7: { afterUs: 2 * HOUR_US }, 12: { skip: true }, 13: { skip: true }, 30: { outcome: "refused" }, 31: { outcome: "unknown" }, 40: { held: "beyond-right" }, 41: { held: "beyond-right" }, 42: { held: "beyond-right" }, 50: { voucher: null },
    57: { verified: false }, 58: { attempted: false },
  };
  for (let index = 0; FROM_US + index * HOUR_US < NOW_US - HOUR_US; index++) {
    const told = odd[index] ?? {};
    if (told.skip !== true) await write(given, obra, FROM_US + index * HOUR_US, { index, afterUs: 10 * MINUTE_US, ...told });
  }
}

interface Told {
  readonly index: number;
  /** From the slot's instant to its outcome. */
  readonly afterUs: number;
  readonly skip?: boolean;
  readonly held?: string;
  readonly attempted?: boolean;
  readonly outcome?: "refused" | "unknown";
  readonly voucher?: string | null;
  readonly verified?: boolean;
}

async function write({ scene, slots, regulators }: Written, obra: Obra, slotUs: number, told: Told): Promise<void> {
  const { index, afterUs, held, attempted = true, outcome = "accepted", verified = true, voucher = `aV${sha256Hex(`${obra.work} ${slotUs}`).slice(0, 30)}` } = told;
  const values = { flowLps: held === undefined ? 3.25 : 9.5, totalM3: 100_000 + 12 * index, depthM: 23.41 };
  const taken = Object.entries({ flow: values.flowLps, total: values.totalM3, depth: values.depthM }).map(([variable, value]): TakenValue => ({ variable, point: "p7", value: String(value), instantUs: slotUs - 2 * MINUTE_US, knownAtUs: slotUs - MINUTE_US, flag: held !== undefined && variable === "flow" ? 3 : 1, reasons: held !== undefined && variable === "flow" ? [held] : [] }));
  const frozen = regulators.get(obra.regulator)?.freeze(obra, slotUs, values);
  if (frozen?.kind !== "frozen") throw new Error("the scene's values cannot be frozen");
  const { path, headers, body: payload } = frozen.payload;
  const say = async (body: EntryBody, atUs: number): Promise<void> => {
    scene.clock.atUs = atUs;
    await slots.append(obra, slotUs, { by: "submitter", decide: () => body });
  };
  if (held !== undefined) return say({ kind: "held", slotUs, reasons: [held], taken }, slotUs + 5 * MINUTE_US);
  await say({ kind: "frozen", slotUs, version: 1, path, headers, payload, sha256: sha256Hex(payload), taken }, slotUs + 5 * MINUTE_US);
  if (!attempted) return;
  await say({ kind: "attempt", slotUs, attempt: 1, day: wireDay(slotUs + afterUs), sha256: sha256Hex(payload) }, slotUs + afterUs - 1_000_000);
  const message = { accepted: "Medición subterránea ingresada correctamente", refused: "El totalizador no es válido", unknown: "timeout" }[outcome];
  await say({ kind: "outcome", slotUs, attempt: 1, outcome, voucher: outcome === "accepted" ? voucher : null, by: "answer", httpStatus: outcome === "unknown" ? null : outcome === "refused" ? 400 : 200, code: outcome === "accepted" ? "00" : "", message, answer: null, tookMs: 800 }, slotUs + afterUs);
  if (outcome === "accepted" && voucher !== null && verified) await say({ kind: "verification", slotUs, voucher, result: "verified", fields: [] }, slotUs + afterUs + 2 * MINUTE_US);
}
