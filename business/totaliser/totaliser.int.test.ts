import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decisionCollection, recountCollection, systemScope, type DecisionRecord, type DocumentCollection, type RecountRecord } from "@caudal/core";
import { openScene, until, type Body, type Scene } from "../test-scene.ts";

const HOUR_US = 3_600_000_000;
const T0 = 1_772_366_400_000_000;

describe("decisions of the totaliser, and people's corrections", () => {
  let scene: Scene;
  let decisions: DocumentCollection<DecisionRecord>;
  let point = "";
  before(async () => {
    scene = await openScene();
    decisions = await scene.documents.collection<DecisionRecord>(decisionCollection);
    point = await scene.adopt("acme", "w-07", "pulses");
    await scene.call("PUT", `/api/v1/points/${point}/config`, { body: { variables: [{ key: "pulses", variable: "pulses" }] } });
  });
  after(() => scene.close());

  const decided = async (hour: number, kind: string, more: Partial<DecisionRecord> = {}): Promise<string> => {
    const instantUs = T0 + hour * HOUR_US;
    const id = `${more.point ?? point}/pulses@${instantUs}/${kind}`;
    await decisions.insert(systemScope, { id, body: { client: "acme", point, variable: "pulses", instantUs, kind, state: "made", said: false, baseline: 65_530, count: 4, volumeM3: 1, knownAtUs: instantUs, causeId: "c", ...more } });
    return id;
  };
  const verdict = (id: string, body: object, token?: string): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/totaliser/decisions/${encodeURIComponent(id)}/verdict`, { body, ...(token === undefined ? {} : { token }) });
  const words = async (kind: string): Promise<Body[]> => (await scene.all("PointEvent")).filter((event) => event.kind === kind).map(({ body }) => JSON.parse(body ?? ""));
  /** Facts in cold, one an hour. */
  const facts = (variable: string, from: number, count: number): Promise<unknown> => scene.cold.write(Array.from({ length: count }, (_, at) => ({
    eventId: `f${at}`, client: "acme", point, device: "w-07", channel: "", source: "s", transport: "t", instantUs: T0 + (from + at) * HOUR_US, observedAtUs: null, receivedAtUs: T0, authority: 0,
    knownAtUs: T0 + at, causeId: "c", facts: [{ variable, value: at, flag: 1, reasons: [] }], labels: {},
  })));

  test("are listed newest first by keyset, by point, kind, state and time, each client its own", async () => {
    for (let hour = 0; hour < 5; hour++) await decided(hour, "reset", hour === 2 ? { state: "gone" } : {});
    await decided(9, "spike", { client: "otro", point: "elsewhere" });
    const list = async (query: string, token?: string): Promise<string[]> => (await scene.get(`/api/v1/totaliser/decisions?${query}`, token)).body.items.map(({ at, kind }: Body) => `${at.slice(11, 13)} ${kind}`);
    const first = (await scene.get(`/api/v1/totaliser/decisions?point=${point}&limit=3`)).body;
    const rest = (await scene.get(`/api/v1/totaliser/decisions?point=${point}&limit=3&cursor=${encodeURIComponent(first.next)}`)).body;
    assert.deepEqual([...first.items, ...rest.items].map(({ at }: Body) => at.slice(11, 13)), ["16", "15", "14", "13", "12"]);
    assert.equal(rest.next, null);
    assert.deepEqual(await list(`point=${point}&state=gone`), ["14 reset"]);
    assert.deepEqual(await list("kind=spike"), ["21 spike"]);
    assert.deepEqual(await list("client=acme&from=2026-03-01T15:00:00Z&to=2026-03-01T16:00:00Z"), ["15 reset"]);
    assert.deepEqual(await list("limit=10", await scene.token("viewer", ["otro"])), ["21 spike"]);
    const bad = await scene.get("/api/v1/totaliser/decisions?from=ayer");
    assert.deepEqual([bad.status, bad.body.field], [400, "query.from"]);
  });

  test("a verdict becomes a word of its author on caudal.points, and is audited", async () => {
    const rows: [string, Partial<DecisionRecord>, object, object][] = [
      ["rollover", {}, { verdict: "confirm" }, { verdict: "rollover", modulus: 65_536 }],
      ["rollover", {}, { verdict: "correct", modulus: 70_000 }, { verdict: "rollover", modulus: 70_000 }],
      ["reset", {}, { verdict: "confirm" }, { verdict: "reset" }], ["reset", {}, { verdict: "undo" }, { verdict: "ignore" }],
      ["reset", { said: true }, { verdict: "undo" }, { verdict: null }], ["jump", { count: 70_000 }, { verdict: "confirm" }, { verdict: "accept" }],
      ["spike", { count: 70_000 }, { verdict: "undo" }, { verdict: "accept" }], ["truncated", {}, { verdict: "undo" }, { verdict: "reset" }],
      ["reset", {}, { verdict: "correct", as: "swap", finalCount: 65_600, initialCount: 2 }, { verdict: "swap", finalCount: 65_600, initialCount: 2 }],
    ];
    for (const [index, [kind, more, body, expected]] of rows.entries()) {
      const id = await decided(100 + index, kind, more);
      const answer = await verdict(id, { ...body, reason: "seen" });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const said = (await words("decision")).find(({ timeUs }) => timeUs === T0 + (100 + index) * HOUR_US);
      assert.deepEqual(said, { variable: "pulses", timeUs: T0 + (100 + index) * HOUR_US, author: answer.body.word.author, reason: "seen", ...expected }, kind);
    }
    assert.equal((await scene.audited()).filter(({ action }) => action === "totaliser.verdict").length, rows.length);
  });

  test("what cannot be said is refused with field and next step, and nothing is published", async () => {
    const before = (await words("decision")).length;
    const reset = await decided(200, "reset", { baseline: 100 });
    const gone = await decided(201, "reset", { state: "gone" });
    for (const [id, body, status, where] of [
      [reset, { verdict: "correct" }, 400, "body.as"], [reset, { verdict: "confirm", as: "swap" }, 400, "body.as"], [reset, { verdict: "confirm", modulus: 9 }, 400, "body.modulus"],
      [reset, { verdict: "correct", as: "rollover" }, 400, "body.modulus"], [reset, { verdict: "correct", modulus: 50 }, 400, "body.modulus"], [reset, { verdict: "correct", as: "accept", finalCount: 3 }, 400, "body.finalCount"],
      [gone, { verdict: "confirm" }, 409, "params.id"], ["none", { verdict: "confirm" }, 404, "params.id"],
    ] as const) {
      const refused = await verdict(id, { ...body, reason: "r" });
      assert.deepEqual([refused.status, refused.body.field], [status, where], JSON.stringify([body, refused.body]));
      assert.ok(refused.body.next.length > 10);
    }
    assert.equal((await verdict(reset, { verdict: "confirm", reason: "r" }, await scene.token("viewer", "all"))).status, 403);
    assert.equal((await words("decision")).length, before);
  });

  test("a decision, and a correction, however old are taken, and the answer says that what follows is being computed again", async () => {
    const old = await decided(300, "reset");
    await facts("pulses", 300, 33);
    const taken = await verdict(old, { verdict: "undo", reason: "r" });
    assert.deepEqual([taken.status, taken.body.effect], [200, "recomputing"]);
    assert.match(taken.body.next, /caudal totaliser recounts/);
    const near = await verdict(await decided(301, "reset"), { verdict: "undo", reason: "r" });
    assert.deepEqual([near.status, near.body.effect, near.body.next], [200, "recomputed", null], "the 32nd is remembered");
    const at = (hour: number): string => new Date((T0 + hour * HOUR_US) / 1000).toISOString();
    const correct = (body: object): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/points/${point}/corrections`, { body: { variable: "pulses", reason: "read", ...body } });
    const trial = (await correct({ at: at(300), value: 7, dryRun: true })).body;
    assert.deepEqual([trial.id, trial.effect, trial.facts[0].before.value], [null, "recomputing", 0]);
    assert.deepEqual(await words("correction"), [], "a dry run says nothing");
    const { status, body } = await correct({ from: at(331), to: at(333), withdraw: true });
    assert.deepEqual([status, body.effect, body.next, body.facts.length], [200, "recomputed", null, 2]);
    assert.deepEqual((await words("correction")).map(({ timesUs, value, reason }) => [timesUs.length, value, reason]), [[2, null, "read"]]);
    assert.equal((await scene.audited()).filter(({ action }) => action === "point.correct").length, 1);
    await facts("flow", 1000, 1001);
    const many = await correct({ variable: "flow", from: at(1000), to: at(3000), value: 1 });
    assert.deepEqual([many.status, many.body.field], [400, "body.to"]);
    for (const [wrong, field] of [[{ at: at(300) }, "body.value"], [{ value: 1 }, "body.at"], [{ from: at(300), value: 1 }, "body.to"], [{ at: at(300), value: 1 / 3 }, "body.value"]] as const) {
      assert.equal((await correct(wrong)).body.field, field);
    }
  });

  test("what waits to be computed again is listed, and stands with its point until it is done", async () => {
    const recounts = await scene.documents.collection<RecountRecord>(recountCollection);
    const body: RecountRecord = {
      client: "acme", point, state: "waiting", causes: ["decision"], behindUs: T0, sinceUs: T0 + HOUR_US, doneAtUs: null, facts: 0, days: 0, firstUs: null, lastUs: null, decisionsMade: 0, decisionsGone: 0,
    };
    await recounts.putMany(systemScope, [{ id: point, body }]);
    const since = "2026-03-01T13:00:00Z";
    assert.deepEqual((await scene.get(`/api/v1/points/${point}`)).body.recomputing, { since, from: "2026-03-01T12:00:00Z" });
    const list = async (query: string, token?: string): Promise<Body[]> => (await scene.get(`/api/v1/totaliser/recounts?${query}`, token)).body.items;
    assert.deepEqual((await list("state=waiting")).map((row) => [row.point, row.since, row.doneAt]), [[point, since, null]]);
    assert.deepEqual(await list("", await scene.token("viewer", ["otro"])), []);
    await recounts.putMany(systemScope, [{ id: point, body: { ...body, state: "done", behindUs: Number.MIN_SAFE_INTEGER, doneAtUs: T0 + HOUR_US, facts: 7, days: 2, firstUs: T0, lastUs: T0 } }]);
    assert.equal((await scene.get(`/api/v1/points/${point}`)).body.recomputing, null);
    assert.deepEqual([await list("state=waiting"), await list(`point=${point}&state=waiting`), (await list(`point=${point}`)).map(({ facts: changed, days, from }) => [changed, days, from])], [[], [], [[7, 2, null]]]);
    assert.equal((await list("client=acme&state=done")).length, 1);
  });

  test("a correction that a crash left unpublished is published by the next round, with the same id", async () => {
    const corrections = await scene.documents.collection({ name: "corrections", tenant: true });
    const body = { client: "acme", point, variable: "flow", timesUs: [T0], value: 3, author: "Ana", reason: "left", atUs: T0, unpublished: true };
    await corrections.insert(systemScope, { id: "left-1", body });
    await until("it is published", async () => (await scene.all("PointEvent")).some(({ eventId }) => eventId === "left-1"));
    await until("it is marked", async () => ((await corrections.get(systemScope, "left-1"))?.body as Body).unpublished === false);
  });

  test("stand in the OpenAPI", async () => {
    const { paths } = (await scene.get("/openapi.json")).body;
    assert.ok(paths["/api/v1/totaliser/decisions/{id}/verdict"].post && paths["/api/v1/points/{id}/corrections"].post && paths["/api/v1/variables/settings"].get);
    assert.ok(JSON.stringify(paths["/api/v1/points/{id}"].get).includes("changedBy"));
  });
});
