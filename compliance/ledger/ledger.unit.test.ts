import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson, type Plain } from "./canonical-json.ts";
import { ChainCheck, type ChainFault } from "./chain.ts";
import { isSignedBy, rootHash, signRoot } from "./daily-root.ts";
import { blindedHeads, bytesOf, headsOf, proofOf, treeOf } from "./root-heads.ts";
import { nextEntry, sha256Hex, type EntryBody, type LedgerEntry } from "./entry.ts";

const WORK = "dga/OB-0602-7";
const frozen = (slotUs: number): EntryBody => ({ kind: "frozen", slotUs, version: 1, path: "/p", headers: { codigoObra: "OB-0602-7" }, payload: `{"n":"${slotUs}"}`, sha256: sha256Hex(`{"n":"${slotUs}"}`), taken: [] });

function chain(count: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let at = 1; at <= count; at++) {
    const body: EntryBody = at % 2 === 1 ? frozen(at) : { kind: "attempt", slotUs: at - 1, attempt: 1, day: "2026-06-11", sha256: sha256Hex("x") };
    entries.push(nextEntry(entries.at(-1), { work: WORK, atUs: at, by: "submitter", body }));
  }
  return entries;
}
function faultsOf(entries: readonly LedgerEntry[]): ChainFault[] {
  const check = new ChainCheck(WORK);
  return entries.flatMap((entry) => check.next(entry));
}

test("canonical JSON has one text for one thing, whatever the order of its names, and refuses what languages write otherwise", () => {
  assert.equal(canonicalJson({ b: [1, "ñ", null, true], a: { z: "", "\u20ac": -0 } }), '{"a":{"z":"","€":0},"b":[1,"ñ",null,true]}');
  for (const odd of [0.5, NaN, 2 ** 53, "\ud800", undefined]) assert.throws(() => canonicalJson(odd as Plain), TypeError);
  const plain = fc.letrec<{ value: Plain }>((tie) => ({ value: fc.oneof({ depthSize: "small" }, fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))) })).value;
  fc.assert(fc.property(plain, (value) => {
    const text = canonicalJson(value);
    assert.deepEqual(canonicalJson(JSON.parse(text) as Plain), text);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  }));
});

test("a chain as it was written has no fault", () => {
  assert.deepEqual(faultsOf(chain(50)), []);
  assert.deepEqual(new ChainCheck(WORK).head, { seq: 0, hash: "0".repeat(64) });
});

test("one flipped byte anywhere is found, and its entry named", () => {
  const entries = chain(9);
  const texts = entries.map((entry) => JSON.stringify(entry));
  fc.assert(fc.property(fc.integer({ min: 0, max: entries.length - 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (index, place, mask) => {
    const bytes = Buffer.from(texts[index]!);
    bytes[place % bytes.length]! ^= mask;
    let changed: LedgerEntry;
    try {
      changed = JSON.parse(bytes.toString()) as LedgerEntry;
      if (typeof changed.body !== "object" || changed.body === null) return;
    } catch {
      return;
    }
    // Another name of a member, or another way to write the same, is the same entry only when it reads the same.
    fc.pre(JSON.stringify(changed) !== texts[index]);
    const faults = faultsOf(entries.with(index, changed));
    assert.ok(faults.length > 0, bytes.toString());
    assert.ok(faults.some(({ seq }) => seq === changed.seq || seq === index + 1 || seq === index + 2), JSON.stringify(faults));
  }), { numRuns: 2000 });
});

test("an entry that was taken out, put in, moved or written anew is found, and so is a payload that is not the one that was hashed", () => {
  const entries = chain(6);
  assert.deepEqual(faultsOf(entries.toSpliced(2, 1)).map(({ seq, fault }) => [seq, fault]), [[4, "gap"]]);
  assert.deepEqual(faultsOf([...entries.slice(0, 2), entries[3]!, entries[2]!, ...entries.slice(4)])[0]?.fault, "gap");
  const anew = nextEntry(entries[1], { work: WORK, atUs: 3, by: "somebody", body: frozen(3) });
  assert.deepEqual(faultsOf(entries.with(2, anew)).map(({ seq, fault }) => [seq, fault]), [[4, "link"]], "the one after it knows the one that stood there");
  const other = nextEntry(entries[5], { work: WORK, atUs: 7, by: "x", body: { ...frozen(7), payload: "{}" } as EntryBody });
  assert.deepEqual(faultsOf([...entries, other]).map(({ fault }) => fault), ["payload"]);
});

test("a daily root is signed over every head: another head, another day or another key is seen", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const mine = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const over = blindedHeads([{ work: WORK, seq: 6, hash: chain(6).at(-1)!.hash }, { work: "dga/OB-0602-8", seq: 1, hash: "0".repeat(64) }]);
  const signed = signRoot({ day: "2026-06-11", atUs: 1, previous: "", ...treeOf(over) }, privateKey);
  assert.equal(signed.publicKey, mine);
  assert.ok(isSignedBy(signed, mine));
  assert.ok(!isSignedBy({ ...signed, root: { ...signed.root, day: "2026-06-12" } }, mine));
  const other5 = { ...over, heads: [{ ...over.heads[0]!, seq: 5 }, over.heads[1]!] };
  assert.ok(!isSignedBy({ ...signed, root: { ...signed.root, ...treeOf(other5) } }, mine));
  assert.throws(() => proofOf(WORK, other5, signed.root), { code: "corrupt" });
  assert.ok(!isSignedBy({ ...signed, root: { ...signed.root, works: 3 } }, mine));
  const next = signRoot({ ...signed.root, day: "2026-06-12", previous: rootHash(signed.root) }, privateKey);
  assert.ok(isSignedBy(next, mine) && next.root.previous !== rootHash({ ...signed.root, atUs: 2 }));
  const other = signRoot(signed.root, generateKeyPairSync("ed25519").privateKey);
  assert.ok(isSignedBy(other, other.publicKey) && !isSignedBy(other, mine), "a key that comes along proves nothing");
  assert.ok(isSignedBy(signRoot(signed.root, privateKey.export({ format: "pem", type: "pkcs8" }).toString()), mine));
});

test("what a root was made over is kept whole, and another is never blinded alike", () => {
  const head = { work: WORK, seq: 6, hash: "a".repeat(64) };
  const [one, two] = [blindedHeads([head]), blindedHeads([head])];
  assert.deepEqual(headsOf(bytesOf(one)), one);
  assert.notEqual(treeOf(one).tree, treeOf(two).tree, "whoever sees a leaf's hash twice does not see that nothing happened");
  for (const odd of ["", "{}", '{"heads":[],"secret":"00"}', '{"heads":[{"work":"a"}],"secret":"00"}', '{"heads":[null],"secret":"00"}']) assert.equal(headsOf(Buffer.from(odd)), undefined);
});
