import assert from "node:assert/strict";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { RefusedObra } from "./findings.ts";
import { ObraBook } from "./obra-book.ts";
import { obraCollection, obraVersionCollection, type Obra } from "./obra.ts";
import { draftOf } from "./settled.ts";
import { draft } from "./test-draft.ts";

const findingsOf = async (put: Promise<unknown>): Promise<readonly string[]> => {
  const error = await put.then(() => undefined, (cause: unknown) => cause);
  assert.ok(error instanceof RefusedObra, String(error));
  return error.findings.map(({ path }) => path.join("."));
};

onEachStore((store, open) => {
  test(`${store}: each change is a version, kept whole with author, reason and instant; what changes nothing is none`, async (t) => {
    const [{ first: documents }, clock] = [await open(t), { atUs: 1_780_000_000_000_000 }];
    const book = await ObraBook.open(documents, () => clock.atUs);
    const first = await book.put("ana", draft(), "registered");
    assert.deepEqual(first, {
      ...draft(), work: "dga/OB-0602-7", levelMayBeMissing: false, permittedDelayDays: 7, windowMinutes: 5, settleMinutes: 10, mode: "off", right: { flowLps: 20, annualM3: 500_000, tolerance: 0.2 },
      version: 1, changedBy: "ana", changedAtUs: clock.atUs, reason: "registered",
    });
    assert.deepEqual(await book.put("ana", draftOf(first), "again"), first);
    clock.atUs -= 5_000_000;
    const second = await book.put("luis", { ...draftOf(first), name: "Pozo siete", mode: "shadow" }, " renamed ", { version: 1 });
    assert.deepEqual([second.version, second.changedAtUs, second.reason], [2, first.changedAtUs + 1, "renamed"], "instants grow though the clock was set back");
    assert.deepEqual(await book.versions(systemScope, first.work), [first, second]);
    assert.deepEqual(await book.get(systemScope, first.work), second);
    assert.deepEqual(await book.all(), [second]);
    assert.deepEqual((await Promise.all([first.changedAtUs - 9, first.changedAtUs, second.changedAtUs, second.changedAtUs + 9].map((at) => book.inForce(first.work, at)))).map((obra) => obra?.version), [1, 1, 2, 2]);
    assert.equal(await book.inForce("dga/OB-0602-8", clock.atUs), undefined);
    await assert.rejects(book.put("ana", draft({ name: "x" }), "late", { version: 1 }), { code: "version-conflict" });
    await assert.rejects(book.put("ana", draft({ code: "OB-0602-8" }), "new", { version: 1 }), { code: "version-conflict" });
    assert.deepEqual(await findingsOf(book.put("ana", draft({ name: "x" }), "  ")), ["reason"]);
  });

  test(`${store}: two that change a work at once: with the version they saw one of them gets it, without both are kept in turn`, async (t) => {
    const [{ first: documents, other }, clock] = [await open(t), { atUs: 1_780_000_000_000_000 }];
    const [one, two] = [await ObraBook.open(documents, () => clock.atUs), await ObraBook.open(other, () => clock.atUs)];
    const { version } = await one.put("ana", draft(), "registered");
    const outcomes = await Promise.allSettled([one, two, one, two].map((book, at) => book.put(`p${at}`, draft({ name: `n${at}` }), "race", { version })));
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    await Promise.all([one, two, one, two].map((book, at) => book.put(`q${at}`, draft({ name: `m${at}` }), "race")));
    const versions = await one.versions(systemScope, "dga/OB-0602-7");
    assert.deepEqual(versions.map((obra) => obra.version), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await two.get(systemScope, "dga/OB-0602-7"), versions.at(-1));
  });

  test(`${store}: a writer that died between the version and the work is finished by whoever opens or writes next`, async (t) => {
    const [{ first: documents, other }, clock] = [await open(t), { atUs: 1_780_000_000_000_000 }];
    const book = await ObraBook.open(documents, () => clock.atUs);
    const first = await book.put("ana", draft(), "registered");
    const versions = await documents.collection<Obra>(obraVersionCollection);
    const obras = await documents.collection<Obra>(obraCollection);
    const left: Obra = { ...first, version: 2, name: "left", changedAtUs: first.changedAtUs + 5 };
    await versions.insert(systemScope, { id: "dga/OB-0602-7/000002", body: left });
    const born: Obra = { ...first, code: "OB-0602-8", work: "dga/OB-0602-8" };
    await versions.insert(systemScope, { id: "dga/OB-0602-8/000001", body: born });
    const again = await ObraBook.open(other, () => clock.atUs);
    assert.deepEqual(await again.all(), [left, born]);
    await versions.insert(systemScope, { id: "dga/OB-0602-8/000002", body: { ...born, version: 2, name: "left" } });
    assert.equal((await again.put("ana", draft({ code: "OB-0602-8", name: "mine" }), "mine")).version, 3);
    assert.equal((await obras.get(systemScope, "dga/OB-0602-8"))?.body.name, "mine");
  });

  test(`${store}: a scope sees and changes its own works only, and a work stays with its client`, async (t) => {
    const [{ first: documents }, clock] = [await open(t), { atUs: 1_780_000_000_000_000 }];
    const book = await ObraBook.open(documents, () => clock.atUs);
    await book.put("ana", draft(), "registered");
    await book.put("ana", draft({ client: "other", code: "OB-0602-8" }), "registered");
    await book.put("ana", draft({ regulator: "sma", code: "UF-1", sma: { ufId: "1", procesoId: "2", dispositivoId: "3" } }), "registered");
    const scope = { clients: ["other"] };
    assert.equal(await book.get(scope, "dga/OB-0602-7"), undefined);
    assert.deepEqual(await book.versions(scope, "dga/OB-0602-7"), []);
    await assert.rejects(book.put("eva", draft({ client: "other" }), "mine now", { scope }), { code: "duplicate-key" });
    await assert.rejects(book.put("eva", draft(), "mine now", { scope }), { code: "forbidden" });
    assert.deepEqual(await findingsOf(book.put("ana", draft({ client: "other" }), "moved")), ["client"]);
    const works = async (query: object, of = systemScope): Promise<string[]> => (await book.list(of, { limit: 10, ...query })).items.map(({ work }) => work);
    assert.deepEqual(await works({}), ["dga/OB-0602-7", "dga/OB-0602-8", "sma/UF-1"]);
    assert.deepEqual(await works({}, { clients: ["other"] }), ["dga/OB-0602-8"]);
    assert.deepEqual(await works({ client: "acme" }), ["dga/OB-0602-7", "sma/UF-1"]);
    assert.deepEqual(await works({ client: "acme", regulator: "sma" }), ["sma/UF-1"]);
    assert.deepEqual(await works({ regulator: "dga" }), ["dga/OB-0602-7", "dga/OB-0602-8"]);
    const page = await book.list(systemScope, { limit: 2 });
    assert.deepEqual((await book.list(systemScope, { limit: 2, cursor: page.next })).items.map(({ work }) => work), ["sma/UF-1"]);
  });

  test(`${store}: all() is a second old at most, and a gate that is closed keeps a work from live`, async (t) => {
    const [{ first: documents, other }, clock] = [await open(t), { atUs: 1_780_000_000_000_000 }];
    const allowed = { is: false };
    const gate = { liveGate: async () => (allowed.is ? undefined : { path: ["mode"], text: { en: "not live", es: "no" } }) };
    const [one, two] = [await ObraBook.open(documents, () => clock.atUs, gate), await ObraBook.open(other, () => clock.atUs)];
    assert.deepEqual(await two.all(), []);
    await one.put("ana", draft(), "registered");
    assert.deepEqual(await two.all(), []);
    clock.atUs += 1_000_000;
    assert.equal((await two.all()).length, 1);
    assert.deepEqual(await findingsOf(one.put("ana", draft({ mode: "live" }), "go")), ["mode"]);
    allowed.is = true;
    assert.equal((await one.put("ana", draft({ mode: "live" }), "go")).mode, "live");
  });
});
