import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createMetrics, silentLogger, systemClock } from "@caudal/runtime";
import { openEmbeddedDocuments } from "../../adapters/embedded/index.ts";
import { CredentialStore } from "../../compliance/credentials/credential-store.ts";
import { secretsKey } from "../../compliance/credentials/secrets-key.ts";
import { sha256Hex } from "../../compliance/ledger/entry.ts";
import { openLedger } from "../../compliance/ledger/open-ledger.ts";
import { ObraBook } from "../../compliance/obras/obra-book.ts";
import { draft } from "../../compliance/obras/test-draft.ts";
import { createDga } from "../../compliance/regulators/dga/dga.ts";
import { SlotBook } from "../../compliance/slots/slot-book.ts";
import { SendSwitch } from "../../compliance/submission/send-switch.ts";
import { createSubmitter, type Submitter } from "../../compliance/submission/submitter.ts";
import { openRegulatorServer } from "../../compliance/submission/test-scene/regulator-server.ts";

/**
 * What an hour of many hourly works costs: each has one slot that is frozen, sent, and verified, against a regulator in this very process. `taskset -c 0 node bench/compliance/hourly-works.ts --works 1000 --centres 40 --pause-ms 1000`
 * Prints seconds on the clock and of the processor (the store's thread and the regulator's work included) for each part.
 */
const { values } = parseArgs({ options: { works: { type: "string", default: "1000" }, centres: { type: "string", default: "40" }, "pause-ms": { type: "string", default: "1000" } } });
const works = Number(values.works);
const centres = Math.min(works, Number(values.centres));
const pauseMs = Number(values["pause-ms"]);
const HOUR_US = 3_600_000_000;

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  const result = await run();
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(`${what.padEnd(48)} ${((performance.now() - startedMs) / 1000).toFixed(1).padStart(8)} s on the clock ${((user + system) / 1e6).toFixed(1).padStart(8)} s of processor\n`);
  return result;
}

/** A RUT of eight digits with its check digit. */
function rut(number: number): string {
  const digits = String(70_000_000 + number);
  const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (2 + (at % 6)), 0);
  const check = 11 - (sum % 11);
  return `${digits}-${check === 11 ? "0" : check === 10 ? "K" : check}`;
}

const directory = await mkdtemp(join(tmpdir(), "caudal-hourly-"));
const documents = await openEmbeddedDocuments({ directory });
const clock = systemClock;
const nowUs = (): number => clock.nowUs();
const server = await openRegulatorServer(nowUs);
const ledger = await openLedger(documents, { nowUs });
const slots = await SlotBook.open(documents, ledger);
const obras = await ObraBook.open(documents, nowUs);
const credentials = await CredentialStore.open(documents, secretsKey(new Uint8Array(32).fill(7)));
await credentials.put("bench", "dga", { user: "12345678-5", password: "synthetic" }, nowUs());
const dga = createDga(server.url, { postTimeoutMs: 15_000, getTimeoutMs: 10_000 });
const sendSwitch = await SendSwitch.open(documents, { nowUs });
const open = (lookAgainMs?: number): Submitter => createSubmitter({
  obras, slots, ledger, credentials, regulators: new Map([["dga", dga]]), sendSwitch, clock, logger: silentLogger, metrics: createMetrics({ process: false }),
  settings: { pauseMs, centres: 64, verifyAfterMs: 0, verifyPauseMs: 0, verifications: works, ...(lookAgainMs === undefined ? {} : { lookAgainMs }) },
});
const submitter = open();
const eager = open(0);
const slotUs = Math.floor(nowUs() / HOUR_US) * HOUR_US;

await timed(`${works} works of ${centres} centres set up`, async () => {
  for (let at = 0; at < works; at++) await obras.put("bench", draft({ code: `OB-0602-${at + 1}`, name: `Pozo ${at + 1}`, centreRut: rut(at % centres), mode: "live", submitFromUs: slotUs - 30 * 24 * HOUR_US }), "bench");
});
const all = await obras.all();
await timed("a slot each made and frozen", async () => {
  for (const obra of all) {
    await slots.ensure(obra, { fromUs: slotUs, toUs: slotUs + 1 });
    const frozen = dga.freeze(obra, slotUs, { flowLps: 15.3, totalM3: 1010, depthM: 9.85 });
    if (frozen.kind !== "frozen") throw new Error(frozen.reason);
    const { path, headers, body } = frozen.payload;
    await slots.append(obra, slotUs, { by: "bench", decide: () => ({ kind: "frozen", slotUs, version: 1, path, headers: { ...headers }, payload: body, sha256: sha256Hex(body), taken: [] }) });
  }
});
await timed(`all sent, ${pauseMs} ms between two of a centre`, async () => {
  while (server.posts.length < works) await submitter.round();
});
await timed("all verified", async () => {
  const { asked } = await submitter.verifyRound();
  if (asked.verified !== works) throw new Error(JSON.stringify(asked));
});
await eager.round();
await timed("ten rounds with nothing to send, looking at all", async () => {
  for (let round = 0; round < 10; round++) await eager.round();
});
await timed("a plan", () => submitter.plan());
const twice = [...server.stored.values()].filter((records) => records.length !== 1).length;
process.stdout.write(`${server.posts.length} POSTs, ${server.stored.size} stored, ${twice} of them twice, ${server.gets.length} GETs\n`);
await Promise.all([submitter.stop(), eager.stop()]);
await server.close();
await documents.close();
await rm(directory, { recursive: true });
