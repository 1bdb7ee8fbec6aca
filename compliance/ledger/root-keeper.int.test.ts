import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemScope, type Documents, type StoredDocument } from "@caudal/core";
import { canonical } from "../../verifier/canonical.ts";
import { FindingList } from "../../verifier/finding.ts";
import { checkRoots } from "../../verifier/roots.ts";
import { isSignedBy, rootHash, type SignedRoot } from "./daily-root.ts";
import { ledgerCollection } from "./ledger.ts";
import { openLedger } from "./open-ledger.ts";
import { dayEndUs } from "./regulator-day.ts";
import { keptRootKey } from "./root-key.ts";
import { RootKeeper } from "./root-keeper.ts";
import { rootCollection, type RootRecord } from "./root-record.ts";
import { frozen } from "./test-stores/bodies.ts";
import { onEachStore } from "./test-stores/each-store.ts";
import { every } from "./test-stores/every.ts";
import { troubled, type Trouble } from "./test-stores/troubled.ts";

const us = (text: string): number => Date.parse(text) * 1000;
const MINUTE = 60_000_000;
const privateKeyPem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();

async function appendAt(documents: Documents, work: string, ...times: readonly string[]): Promise<void> {
  let timeUs = 0;
  const chain = await (await openLedger(documents, { nowUs: () => timeUs })).chain(work);
  for (const time of times) {
    timeUs = us(time);
    await chain.append(timeUs, { by: "t", decide: () => frozen(timeUs) });
  }
}
const roots = (keeper: RootKeeper): Promise<SignedRoot[]> => every(keeper.roots());
/** By day: the entry at which the work stood, and that the verifier finds it under the signed tree. */
async function provedSeqs(keeper: RootKeeper, work: string): Promise<(number | null)[]> {
  const proved = await every(keeper.proved(work));
  const findings = new FindingList();
  checkRoots({ name: "r", chunks: () => [Buffer.from(proved.map((line) => `${canonical(line)}\n`).join(""))] }, { work, key: keeper.publicKey, findings });
  assert.deepEqual(findings.list, []);
  return proved.map(({ proof }) => proof?.seq ?? null);
}
async function storedRoots(documents: Documents): Promise<{ readonly items: readonly StoredDocument<RootRecord>[]; put(...items: readonly StoredDocument<RootRecord>[]): Promise<void> }> {
  const collection = await documents.collection<RootRecord>(rootCollection);
  return { items: (await collection.find(systemScope, {})).items, put: (...items) => collection.putMany(systemScope, items.map(({ id, body, blob }) => ({ id, body, ...(blob === undefined ? {} : { blob }) }))) };
}

onEachStore((name, open) => {
  test(`${name}: each of the regulator's days ends in one signed root over all heads, chained to the one before; missed days are made up for and say when`, async (context) => {
    const store = await open(context);
    let nowUs = us("2026-06-12T04:00:30Z");
    const keeper = await RootKeeper.open(store.first, { privateKeyPem, nowUs: () => nowUs });
    assert.deepEqual([await keeper.due(us("2026-06-20T12:00:00Z")), await keeper.sign()], [[], []], "nothing to sign");
    await appendAt(store.first, "dga/OB-0602-7", "2026-06-11T05:00:00Z", "2026-06-11T20:00:00Z", "2026-06-12T03:59:59Z");
    await appendAt(store.first, "dga/OB-0602-8", "2026-06-12T05:00:00Z");
    assert.deepEqual(await keeper.due(), [], "the day is over, and an entry may be on its way");
    nowUs += MINUTE;
    const [first] = await keeper.sign();
    assert.deepEqual([first?.root.day, first?.root.atUs, first?.root.previous, first?.root.works], ["2026-06-11", nowUs, "", 1]);
    assert.ok(isSignedBy(first!, keeper.publicKey));
    assert.deepEqual(await keeper.sign(), []);
    for (let hour = 5; hour < 24; hour++) await appendAt(store.first, "dga/OB-0602-7", `2026-06-14T${String(hour).padStart(2, "0")}:00:00Z`);
    nowUs = us("2026-06-15T12:00:00Z");
    assert.deepEqual(await keeper.due(), ["2026-06-12", "2026-06-13", "2026-06-14"]);
    const made = await keeper.sign();
    assert.deepEqual(made.map(({ root }) => [root.day, root.atUs]), [["2026-06-12", nowUs], ["2026-06-13", nowUs], ["2026-06-14", nowUs]]);
    assert.deepEqual(made.map(({ root }) => root.works), [2, 2, 2]);
    const reopened = await RootKeeper.open(await store.reopen(), { privateKeyPem, nowUs: () => nowUs });
    const all = await roots(reopened);
    assert.deepEqual([await provedSeqs(reopened, "dga/OB-0602-7"), await provedSeqs(reopened, "dga/OB-0602-8"), await provedSeqs(reopened, "dga/OB-0602-9")], [[3, 3, 3, 22], [null, 1, 1, 1], [null, null, null, null]]);
    assert.deepEqual((await every(reopened.proved("dga/OB-0602-8", { fromDay: "2026-06-13", toDay: "2026-06-13" }))).map(({ root }) => root.day), ["2026-06-13"]);
    assert.doesNotMatch(JSON.stringify(all), /OB-0602/, "a root names no work");
    assert.deepEqual(all, [first, ...made]);
    all.forEach((signed, at) => assert.equal(signed.root.previous, at === 0 ? "" : rootHash(all[at - 1]!.root)));
  });

  test(`${name}: two keepers at once leave one root a day, whatever is lost on the way`, async (context) => {
    const store = await open(context);
    await appendAt(store.first, "dga/OB-0602-7", "2026-06-11T05:00:00Z", "2026-06-13T05:00:00Z");
    let nowUs = us("2026-06-12T12:00:00Z");
    const troubles: Trouble[] = ["lost-answer", "never-sent"].map((each) => ({ collection: "ledger_roots", write: "insert", with: each as "lost-answer" | "never-sent" }));
    const keepers = await Promise.all([troubled(store.first, troubles), store.other].map((documents, at) => RootKeeper.open(documents, { privateKeyPem, nowUs: () => nowUs + at })));
    await Promise.all(keepers.map((keeper) => keeper.sign()));
    nowUs = us("2026-07-01T12:00:00Z");
    const made = (await Promise.all(keepers.map((keeper) => keeper.sign()))).flat();
    const all = await roots(keepers[0]!);
    assert.deepEqual([all.length, made.length, troubles.length], [20, 19, 0]);
    assert.deepEqual(all.map(({ root }) => root.day), Array.from({ length: 20 }, (_, day) => `2026-06-${day + 11}`));
    all.forEach((signed, at) => assert.ok(isSignedBy(signed, keepers[1]!.publicKey) && signed.root.previous === (at === 0 ? "" : rootHash(all[at - 1]!.root))));
    assert.deepEqual((await every(keepers[0]!.roots({ fromDay: "2026-06-12", toDay: "2026-06-13" }))).map(({ root }) => root.day), ["2026-06-12", "2026-06-13"]);
  });

  test(`${name}: nothing is chained to a root that was changed, and a store that is away is told`, async (context) => {
    const store = await open(context);
    await appendAt(store.first, "dga/OB-0602-7", "2026-06-11T05:00:00Z");
    const troubles: Trouble[] = [{ collection: "ledger_roots", write: "insert", with: "refused" }];
    let nowUs = us("2026-06-12T12:00:00Z");
    const keeper = await RootKeeper.open(troubled(store.first, troubles), { privateKeyPem, nowUs: () => nowUs });
    await assert.rejects(keeper.sign(), { code: "unavailable" });
    await keeper.sign();
    const { items: [stored], put } = await storedRoots(store.first);
    await put({ ...stored!, body: { ...stored!.body, signed: { ...stored!.body.signed, root: { ...stored!.body.signed.root, atUs: 1 } } } });
    nowUs = us("2026-06-13T12:00:00Z");
    await assert.rejects(keeper.sign(), { code: "corrupt", message: /not what was signed/ });
    assert.equal((await roots(keeper)).length, 1);
    for (const blob of [undefined, Buffer.from("{}"), Buffer.from(Buffer.from(stored!.blob!).toString().replace('"seq":1', '"seq":2'))]) {
      const { blob: _, ...bare } = stored!;
      await put(blob === undefined ? bare : { ...bare, blob });
      await assert.rejects(keeper.sign(), { code: "corrupt", message: /made over/ });
      await assert.rejects(every(keeper.proved("dga/OB-0602-7")), { code: "corrupt", message: /made over/ });
    }
    await put(stored!);
    assert.equal((await keeper.sign()).length, 1);
  });

  test(`${name}: a stored root of the form that lists the works of all clients is told as what it is, and nothing is read of it`, async (context) => {
    const store = await open(context);
    await appendAt(store.first, "dga/OB-0602-7", "2026-06-11T05:00:00Z");
    const nowUs = us("2026-06-13T12:00:00Z");
    const keeper = await RootKeeper.open(store.first, { privateKeyPem, nowUs: () => nowUs });
    const root = { day: "2026-06-11", atUs: 1, previous: "", heads: [{ work: "dga/OB-0602-7", seq: 1, hash: "0".repeat(64) }] };
    await (await storedRoots(store.first)).put({ id: "0000000001", version: 1, body: { number: 1, day: "2026-06-11", signed: { root, signature: "", publicKey: "" } as unknown as SignedRoot } });
    for (const ask of [() => keeper.sign(), () => roots(keeper), () => every(keeper.proved("dga/OB-0602-7"))]) await assert.rejects(ask, { code: "corrupt", message: /never released and names the works of all clients/ });
    await (await storedRoots(store.first)).put({ id: "0000000001", version: 1, body: { number: 1, day: "2026-06-11" } as RootRecord });
    await assert.rejects(roots(keeper), { code: "corrupt", message: /is none/ });
  });

  test(`${name}: what a root was signed over stands in every later one, whatever became of a chain in the store`, async (context) => {
    const store = await open(context);
    await appendAt(store.first, "dga/OB-0602-7", "2026-06-11T05:00:00Z", "2026-06-11T06:00:00Z");
    await appendAt(store.first, "dga/OB-0602-8", "2026-06-11T05:00:00Z", "2026-06-11T06:00:00Z");
    let nowUs = us("2026-06-12T12:00:00Z");
    const keeper = await RootKeeper.open(store.first, { privateKeyPem, nowUs: () => nowUs });
    await keeper.sign();
    const ledger = await store.first.collection(ledgerCollection);
    for (const id of ["dga/OB-0602-7/0000000001", "dga/OB-0602-7/0000000002", "dga/OB-0602-8/0000000002"]) assert.ok(await ledger.remove(systemScope, id));
    nowUs = us("2026-06-13T12:00:00Z");
    await keeper.sign();
    assert.deepEqual([await provedSeqs(keeper, "dga/OB-0602-7"), await provedSeqs(keeper, "dga/OB-0602-8")], [[2, 2], [2, 2]]);
  });

  test(`${name}: the end of a day is found in a chain of any length`, async (context) => {
    const store = await open(context);
    const times = Array.from({ length: 40 }, (_, at) => new Date((us("2026-06-11T04:30:00Z") + at * 60 * MINUTE) / 1000).toISOString());
    await appendAt(store.first, "dga/OB-0602-7", ...times);
    for (const ahead of [0, 1, 2, 3, 5, 8, 13, 24, 39]) {
      const nowUs = dayEndUs("2026-06-09") + ahead * MINUTE + 2 * MINUTE;
      const keeper = await RootKeeper.open(store.first, { privateKeyPem, nowUs: () => nowUs });
      assert.deepEqual(await keeper.due(), [], "before the first entry");
    }
    const nowUs = us("2026-06-12T12:00:00Z");
    const keeper = await RootKeeper.open(store.first, { privateKeyPem, nowUs: () => nowUs });
    assert.equal((await keeper.sign()).length, 1);
    assert.deepEqual(await provedSeqs(keeper, "dga/OB-0602-7"), [24]);
  });
});

test("the key of roots is made once, for its owner alone, and what is no such key is refused", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-root-key-"));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "keys", "root.pem");
  const made = await Promise.all([keptRootKey(path), keptRootKey(path), keptRootKey(path)]);
  assert.equal(new Set(made).size, 1);
  assert.equal(await keptRootKey(path), await readFile(path, "utf8"));
  assert.deepEqual([(await stat(path)).mode & 0o777, await readdir(join(folder, "keys"))], [0o600, ["root.pem"]]);
  const odd = join(folder, "odd.pem");
  await writeFile(odd, "no key");
  await assert.rejects(keptRootKey(odd), { code: "setting" });
  await writeFile(odd, generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" }));
  await assert.rejects(keptRootKey(odd), { code: "setting" });
  await assert.rejects(keptRootKey(folder), { code: "setting" });
});
