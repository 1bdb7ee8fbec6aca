import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { decisionCollection, systemScope, type DecisionRecord } from "@caudal/core";
import { verifyFolder, verifyPack } from "@caudal/verifier";
import fc from "fast-check";
import { unzipSync } from "fflate";
import type { ProvedRoot } from "../ledger/root-heads.ts";
import { draft } from "../obras/test-draft.ts";
import { evidencePack } from "./pack.ts";
import { DAY_US, frozenBody, HOUR_US, SLOT_US, taken, testWork, type TestWork } from "./test-work.ts";

const decoded = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const lines = (bytes: Uint8Array | undefined): Record<string, unknown>[] => decoded(bytes).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
const packed = async (work: TestWork): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of evidencePack(work.parts, work.question())) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Five slots: accepted and verified; refused, then accepted the next day; held, edited and sent; sent before by another system; nothing. */
async function filled(context: TestContext): Promise<TestWork> {
  const work = await testWork(context);
  const { clock, obra, slots } = work;
  await slots.ensure(obra, { fromUs: SLOT_US, toUs: SLOT_US + 6 * HOUR_US });
  clock.atUs = SLOT_US + HOUR_US / 2;
  await work.sent(0, { flow: 15.314, total: 1010.7, outcome: "accepted", voucher: "Abc0" });
  await work.append(0, { kind: "verification", slotUs: SLOT_US, voucher: "Abc0", result: "verified", fields: [] });
  await work.sent(1, { flow: 15, total: 1064.2, outcome: "refused" });
  await work.append(2, { kind: "held", slotUs: SLOT_US + 2 * HOUR_US, reasons: ["negative"], taken: [taken(2, "flow", "-3")] });
  const edit = { proposal: "e1", author: "luis", proposedAtUs: 1, code: "instrument-fault", reason: "probe turned", approval: "seen", values: { flow: "3" }, measured: { flow: "-3" } };
  await work.append(2, { ...frozenBody(2, { flow: 3, total: 1120 }), edit });
  await work.append(3, { kind: "imported", slotUs: SLOT_US + 3 * HOUR_US, voucher: "old3", source: "emelteca" });
  await slots.appendToWork(obra, { by: "ana", decide: () => ({ kind: "stopped", reason: "informant" }) });
  clock.atUs += DAY_US;
  await slots.appendToWork(obra, { by: "ana", decide: () => ({ kind: "resumed", reason: "registered again" }) });
  await work.sent(1, { flow: 15, total: 1064.2, outcome: "accepted", voucher: "Abc1" });
  clock.atUs += DAY_US;
  assert.ok((await work.roots.sign()).length > 0);
  await work.parts.certificates.put(systemScope, obra, { id: "calibracion-2026", name: "Calibración 2026", note: "", contentType: "application/pdf", by: "ana", atUs: clock.atUs, file: Buffer.from("%PDF-1.4 certificate") });
  await (await work.documents.collection<DecisionRecord>(decisionCollection)).insert(systemScope, { id: "d1", body: { client: "acme", point: "p7", variable: "total", instantUs: SLOT_US + HOUR_US, kind: "reset", state: "made", said: false, baseline: 5, count: 0, volumeM3: 0.5, knownAtUs: 1, causeId: "c" } });
  await work.parts.cold.write([1, 2].map((revision) => ({
    eventId: `m${revision}`, client: "acme", point: "p7", device: "W-7", channel: "", source: "mqtt", transport: "mqtt", instantUs: SLOT_US, observedAtUs: SLOT_US, receivedAtUs: SLOT_US + revision, authority: 0, knownAtUs: SLOT_US + revision, causeId: "", labels: {},
    facts: [{ variable: "flow", value: 15.3 + revision / 10, flag: 1, reasons: [] }],
  })));
  return work;
}

test("a pack of a work holds all that an inspection asks for, and the verifier, which shares no code, finds it as it was written", async (context) => {
  const work = await filled(context);
  const zip = await packed(work);
  const found = verifyPack(zip, { key: work.roots.publicKey });
  assert.deepEqual(found.findings, []);
  assert.ok(found.ok);
  assert.deepEqual(found.works.map(({ work: name, slots, accepted, entries, signedThrough }) => [name, slots, accepted, entries, signedThrough]), [["dga/OB-0602-7", 6, 3, 14, 14]]);
  assert.deepEqual([found.notes, found.keys], [[], [work.roots.publicKey]]);
  const files = unzipSync(zip);
  assert.deepEqual(lines(files["slots.ndjson"]).map(({ standing, voucher, late, attempts }) => [standing, voucher, late, attempts]), [
    ["verified", "Abc0", false, 1], ["accepted", "Abc1", true, 2], ["ready", null, false, 0], ["accepted", "old3", false, 0], ["expected", null, false, 0], ["expected", null, false, 0],
  ]);
  assert.deepEqual(lines(files["attempts.ndjson"]).map(({ attempt, outcome, code, voucher }) => [attempt, outcome, code, voucher]), [[1, "accepted", "00", "Abc0"], [1, "refused", "99", null], [2, "accepted", "00", "Abc1"]]);
  assert.deepEqual(lines(files["readings/raw.ndjson"]).map(({ eventId, raw }) => [eventId, decoded(Buffer.from(String(raw), "base64"))]), [["W-7-0", '{"caudal":0.5}'], ["W-7-1", '{"caudal":1.5}']], "of the work's own device, in the period");
  assert.deepEqual(lines(files["measurements/01-p7.ndjson"]).map(({ knownAtUs, facts }) => [Number(knownAtUs) - SLOT_US, (facts as { value: number }[])[0]?.value]), [[2, 15.5], [1, 15.4]], "every revision");
  assert.deepEqual(lines(files["decisions/01-p7.totaliser.ndjson"]).map(({ kind }) => kind), ["reset"]);
  assert.match(decoded(files["ledger/chain.ndjson"]), /probe turned/);
  assert.equal(decoded(files["certificates/calibracion-2026.pdf"]), "%PDF-1.4 certificate");
  assert.equal((JSON.parse(decoded(files["obra/versions.json"])) as unknown[]).length, 1);
  assert.equal((JSON.parse(decoded(files["readings/looked-through.json"])) as { partitions: { problem: unknown }[] }).partitions[0]?.problem, null);
  assert.deepEqual(await packed(work), zip, "the same question, the same bytes");
});

/** One byte of every kind in the archive, and the files that its change may be told of. */
function kindsOfBytes(zip: Uint8Array): { readonly kind: string; readonly place: number; readonly files: readonly string[] }[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 87 - 22;
  const kinds = [...[0, 4, 8, 10, 12, 16, 20].map((at) => ({ kind: `end+${at}`, place: end + at, files: ["zip"] })), { kind: "seal", place: zip.length - 5, files: ["zip"] }, { kind: "seal words", place: zip.length - 80, files: ["zip"] }];
  for (let at = view.getUint32(end + 16, true); at < end; ) {
    const length = view.getUint16(at + 28, true);
    const name = decoded(zip.subarray(at + 46, at + 46 + length));
    const offset = view.getUint32(at + 42, true);
    const size = view.getUint32(at + 20, true);
    const data = offset + 30 + length;
    const places = { header: offset + 1, flags: offset + 6, time: offset + 11, name: offset + 31, data, middle: data + (size >> 1), "data's end": data + size - 1, descriptor: data + size + 5, directory: at + 9, crc: at + 17, "name in the directory": at + 47, "outer attributes": at + 39 };
    for (const [kind, place] of Object.entries(places)) kinds.push({ kind: `${kind} of ${name}`, place, files: kind === "name in the directory" ? [name, "zip", "manifest.json"] : [name] });
    at += 46 + length;
  }
  return kinds;
}

test("one flipped byte of every kind is found, and its file named", async (context) => {
  const zip = await packed(await filled(context));
  const kinds = kindsOfBytes(zip);
  assert.ok(kinds.length > 150);
  // Of most files every third kind: each of them is seen several times.
  for (const { kind, place, files } of kinds.filter((_, at) => at < 50 || at % 3 === 0)) {
    const bytes = Uint8Array.from(zip);
    bytes[place]! ^= 0x10;
    const { findings } = verifyPack(bytes);
    assert.ok(findings.some(({ file }) => files.includes(file)), `${kind}: ${JSON.stringify(findings.slice(0, 5))}`);
  }
  fc.assert(fc.property(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), (place, mask) => {
    const bytes = Uint8Array.from(zip);
    bytes[place]! ^= mask;
    assert.ok(!verifyPack(bytes).ok, `byte ${place}`);
  }), { numRuns: 60 });
});

test("what is no pack is a finding and never an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => assert.ok(!verifyPack(bytes).ok)), { numRuns: 200 });
});

/** The pack as a folder with one file changed, and the manifest's hashes made to fit it again: what somebody does who wants it to pass. */
async function forged(context: TestContext, zip: Uint8Array, change: { readonly name: string; readonly to: (text: string) => string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-forged-"));
  context.after(() => rm(folder, { recursive: true }));
  const files = unzipSync(zip);
  const before = decoded(files[change.name]);
  files[change.name] = Buffer.from(change.to(before));
  assert.notEqual(decoded(files[change.name]), before);
  const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const manifest = decoded(files["manifest.json"]).replace(new RegExp(`"bytes":\\d+,"name":"${change.name.replaceAll(".", "\\.")}","packedSha256":"(\\w+)","sha256":"\\w+"`), (_, packedHash: string) => `"bytes":${files[change.name]!.length},"name":"${change.name}","packedSha256":"${packedHash}","sha256":"${hash(files[change.name]!)}"`);
  files["manifest.json"] = Buffer.from(manifest);
  files["manifest.sha256"] = Buffer.from(`${hash(files["manifest.json"])}  manifest.json\n`);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

test("what was changed with all hashes of the manifest made to fit is found by the chain, the rules, the list of slots or the roots", async (context) => {
  const zip = await packed(await filled(context));
  const faults = async (name: string, to: (text: string) => string): Promise<string[]> => {
    const { findings } = verifyFolder(await forged(context, zip, { name, to }));
    return [...new Set(findings.map((finding) => `${finding.fault}@${finding.file}${finding.seq === undefined ? "" : `#${finding.seq}`}`))];
  };
  const chain = "ledger/chain.ndjson";
  assert.deepEqual(await faults("LEEME.txt", (text) => `${text} `), [], "a word in the read-me is proved by the manifest alone");
  assert.ok((await faults(chain, (text) => text.replace('"voucher":"Abc0"', '"voucher":"Abc9"'))).includes("chain-hash@ledger/chain.ndjson#3"));
  assert.ok((await faults("slots.ndjson", (text) => text.replace("Abc1", "Abc2"))).includes("voucher@slots.ndjson"));
  assert.ok((await faults("slots.ndjson", (text) => text.replace(/^.*"Abc1".*\n/m, ""))).includes("slot-missing@slots.ndjson"));
  assert.ok((await faults("slots.ndjson", (text) => text.replace('"late":true', '"late":false'))).includes("slot@slots.ndjson"));
  assert.ok((await faults("attempts.ndjson", (text) => text.replace("refused", "accepted"))).includes("attempt@attempts.ndjson"));
  assert.ok((await faults("attempts.ndjson", (text) => text.split("\n").slice(1).join("\n"))).includes("attempt-missing@attempts.ndjson"));
  assert.ok((await faults(chain, (text) => text.split("\n").toSpliced(4, 1).join("\n"))).some((fault) => fault.startsWith("chain-gap@")));
  assert.ok((await faults(chain, (text) => text.split("\n").toSpliced(-2, 1).join("\n"))).some((fault) => fault.startsWith("root-head@ledger/roots.ndjson")), "the newest entry is signed for");
  const roots = "ledger/roots.ndjson";
  assert.deepEqual(await faults(roots, (text) => text.replace(/"seq":\d+/, '"seq":1')), ["root-proof@ledger/roots.ndjson"]);
  assert.deepEqual(await faults(roots, (text) => text.replace(/"works":\d+/, '"works":9')), ["root-signature@ledger/roots.ndjson", "root-proof@ledger/roots.ndjson"]);
  assert.deepEqual(await faults(roots, (text) => text.replace(/"proof":\{.*?\}/, '"proof":null')), ["root-missing@ledger/roots.ndjson#1"], "the chain knows better than who says that the work did not exist yet");
  assert.deepEqual(await faults("manifest.json", (text) => text.replace(/"works":\[(.*?)\]/, '"works":[$1,$1]')), ["manifest@manifest.json"], "a pack is of one work");
  assert.ok((await faults("readings/raw.ndjson", (text) => text.replace(/"raw":"eyJ/, '"raw":"eyI'))).includes("reading-hash@readings/raw.ndjson"));
});

test("a pack tells nothing of other works, of its client or of others, nor from day to day whether anything happened to them", async (context) => {
  const work = await filled(context);
  const { clock, slots, parts } = work;
  const secrets: string[] = [];
  for (const [code, client, point] of [["OB-0911-3", "agrotres", "canal-z3"], ["OB-0101-9", "acme", "pozo-k9"]] as const) {
    const other = await work.obras.put("berta", draft({ client, code, name: `Bocatoma ${code}`, water: "surface-flowmeter", informantRut: "11111111-1", feeds: [{ quantity: "flow", point, variable: "flow" }, { quantity: "total", point, variable: "total" }] }), `new ${code}`);
    await slots.ensure(other, { fromUs: SLOT_US, toUs: SLOT_US + 6 * HOUR_US });
    await slots.append(other, SLOT_US, { by: "berta", decide: () => ({ kind: "imported", slotUs: SLOT_US, voucher: `V-${code}`, source: "berta's" }) });
    await parts.certificates.put(systemScope, other, { id: `aforo-${point}`, name: "Aforo", note: "", contentType: "application/pdf", by: "berta", atUs: clock.atUs, file: Buffer.from(`certificate of ${point}`) });
    await (await work.documents.collection<DecisionRecord>(decisionCollection)).insert(systemScope, { id: `d-${point}`, body: { client, point, variable: "total", instantUs: SLOT_US + HOUR_US, kind: "reset", state: "made", said: false, baseline: 5, count: 0, volumeM3: 0.5, knownAtUs: 1, causeId: "c" } });
    await parts.cold.write([{
      eventId: `e-${point}`, client, point, device: `D-${point}`, channel: "", source: "mqtt", transport: "mqtt", instantUs: SLOT_US, observedAtUs: SLOT_US, receivedAtUs: SLOT_US, authority: 0, knownAtUs: SLOT_US, causeId: "", labels: {},
      facts: [{ variable: "flow", value: 77.125, flag: 1, reasons: [] }],
    }]);
    secrets.push(code, point, "berta", "77.125");
    for await (const { hash } of work.ledger.entries(other.work, 0)) secrets.push(hash);
  }
  assert.equal(secrets.length, 10);
  secrets.push("agrotres");
  for (let day = 0; day < 3; day++) {
    clock.atUs += DAY_US;
    await work.roots.sign();
  }
  const zip = await packed(work);
  const found = verifyPack(zip, { key: work.roots.publicKey });
  assert.deepEqual([found.findings, found.roots], [[], 4]);
  for (const [name, bytes] of Object.entries(unzipSync(zip))) for (const secret of secrets) assert.ok(!name.includes(secret) && !Buffer.from(bytes).includes(secret), `${name} tells ${secret}`);
  const roots = lines(unzipSync(zip)["ledger/roots.ndjson"]) as unknown as ProvedRoot[];
  assert.deepEqual(roots.map(({ root }) => root.works), [1, 3, 3, 3]);
  const beside = roots.flatMap(({ proof }) => proof?.path ?? []);
  assert.deepEqual([beside.length, new Set(beside).size], [6, 6], "nothing happened to the others, and their side of the tree is another one every day");
});

test("another key than the one that was given is told, as are a file too many and one too few", async (context) => {
  const work = await filled(context);
  const zip = await packed(work);
  const other = (await testWork(context)).roots.publicKey;
  assert.ok(verifyPack(zip, { key: other }).findings.some(({ fault }) => fault === "root-key"));
  const folder = await forged(context, zip, { name: "LEEME.txt", to: (text) => `${text}!` });
  await writeFile(join(folder, "extra.txt"), "x");
  await rm(join(folder, "slots.ndjson"));
  const told = verifyFolder(folder).findings.map(({ fault, file }) => `${fault} ${file}`);
  assert.ok(told.includes("file-extra extra.txt") && told.includes("file-missing slots.ndjson"), told.join());
});

test("the program says what it found, with its exit code", async (context) => {
  const work = await filled(context);
  const folder = await mkdtemp(join(tmpdir(), "caudal-pack-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "pack.zip");
  const zip = await packed(work);
  await writeFile(path, zip);
  const main = new URL("../../verifier/main.ts", import.meta.url).pathname;
  const run = async (...words: string[]): Promise<{ code: number; out: string }> => promisify(execFile)(process.execPath, [main, ...words]).then(({ stdout }) => ({ code: 0, out: stdout }), (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }));
  const fine = await run(path, "--key", work.roots.publicKey, "--json");
  assert.deepEqual([fine.code, (JSON.parse(fine.out) as { ok: boolean }).ok], [0, true]);
  zip[Math.floor(zip.length / 3)]! ^= 1;
  await writeFile(path, zip);
  const broken = await run(path);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /zip-seal/);
  assert.equal((await run()).code, 2);
  assert.equal((await run(join(folder, "none.zip"))).code, 2);
});
