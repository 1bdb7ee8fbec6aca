import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decisionCollection, systemScope, type DecisionRecord, type DocumentCollection } from "@caudal/core";
import { openScene, type Body, type Scene } from "../test-scene.ts";

const T0 = 1_772_366_400_000_000;

describe("what people said of counts", () => {
  let scene: Scene;
  let decisions: DocumentCollection<DecisionRecord>;
  before(async () => {
    scene = await openScene();
    decisions = await scene.documents.collection<DecisionRecord>(decisionCollection);
  });
  after(() => scene.close());

  const decided = async (client: string, hour: number, kind: string, more: Partial<DecisionRecord> = {}): Promise<string> => {
    const instantUs = T0 + hour * 3_600_000_000;
    const id = `${client}-p/pulses@${instantUs}/${kind}`;
    await decisions.insert(systemScope, { id, body: { client, point: `${client}-p`, variable: "pulses", instantUs, kind, state: "made", said: false, baseline: 65_530, count: 4, volumeM3: 1, knownAtUs: instantUs, causeId: "c", ...more } });
    return id;
  };
  const list = async (query: string, token?: string): Promise<Body[]> => (await scene.get(`/api/v1/totaliser/decisions?${query}`, token)).body.items;

  test("stands beside every decision about the same count: who, when, what and why, the newest last", async () => {
    const reset = await decided("acme", 1, "reset");
    const say = (body: object): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/totaliser/decisions/${encodeURIComponent(reset)}/verdict`, { body });
    assert.equal((await say({ verdict: "confirm", reason: "seen" })).status, 200);
    const { body } = await say({ verdict: "correct", as: "swap", finalCount: 70_000, initialCount: 2, reason: "act 114" });
    assert.deepEqual(body.decision.words.map(({ asked, of, verdict, reason, finalCount }: Body) => [asked, of, verdict, reason, finalCount]), [["confirm", "reset", "reset", "seen", undefined], ["correct", "reset", "swap", "act 114", 70_000]]);
    await decided("acme", 1, "swap", { said: true });
    const [one, other] = await list("point=acme-p");
    assert.deepEqual(one.words, other.words, "one count, whatever it was taken for");
    assert.ok(one.words.every(({ author, at }: Body) => author !== "" && !Number.isNaN(Date.parse(at))));
    assert.deepEqual((await scene.get(`/api/v1/totaliser/decisions/${encodeURIComponent(reset)}`)).body.words, one.words);
    assert.deepEqual((await list("client=nobody")), []);
  });

  test("what nobody spoke to yet is listed by itself, and counted by point, each client its own", async () => {
    await decided("norte", 1, "reset");
    await decided("norte", 2, "spike");
    await decided("norte", 3, "rollover", { said: true });
    await decided("norte", 4, "zero", { state: "gone" });
    await decided("norte", 5, "ignored");
    const token = await scene.token("viewer", ["norte"]);
    assert.deepEqual((await list("point=norte-p&open=true")).map(({ kind }) => kind), ["spike", "reset"]);
    assert.deepEqual((await list("open=true", token)).length, 2);
    assert.deepEqual((await list("point=norte-p&said=false&state=made")).map(({ kind }) => kind), ["ignored", "spike", "reset"], "what follows from a word is the machine's too");
    assert.deepEqual((await list("state=made&said=true", token)).map(({ kind }) => kind), ["rollover"]);
    const { body } = await scene.get("/api/v1/totaliser/open", token);
    assert.deepEqual(body, { items: [{ point: "norte-p", count: 2 }], total: 2, more: false });
    assert.ok((await scene.get("/api/v1/totaliser/open")).body.items.some(({ point }: Body) => point === "acme-p"));
    assert.equal((await scene.get("/api/v1/totaliser/decisions?said=maybe")).status, 400);
  });
});
