import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { REDELIVERED_HEADER, systemScope, topics, type DocumentCollection } from "@caudal/core";
import { openScene, type Body, type Scene } from "../test-scene.ts";
import type { ParkedRecord } from "./parked-record.ts";
import { project } from "./projection.ts";

describe("what is parked", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  async function ids(query: string): Promise<string[]> {
    const found: string[] = [];
    let cursor = "";
    do {
      const { status, body } = await scene.get(`/api/v1/parked?${query}${cursor}`);
      assert.equal(status, 200, JSON.stringify(body));
      found.push(...body.items.map((row: Body) => row.id));
      cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
    } while (cursor !== "");
    return found;
  }

  test("an event is listed with its reason in words and shown with its bytes", async () => {
    const [id = ""] = await scene.park({ client: "uno", device: "w-07", value: Buffer.from('{"flujo": 1,}ñ'), detail: "line 1, column 13" });
    const { items } = (await scene.call("GET", "/api/v1/parked?client=uno", { headers: { "accept-language": "es" } })).body;
    assert.deepEqual(items, [{
      id, client: "uno", group: "collector", reason: "malformed-json", reasonText: "JSON inválido", next: "Corrija el JSON en el lugar indicado y envíelo otra vez.", detail: "line 1, column 13", device: "w-07",
      origin: "caudal/acme/w-07/readings", source: "mqtt", transport: "mqtt", receivedAt: items[0].receivedAt, bytes: 15, contentType: "application/json", state: "parked",
      decidedAt: null, decidedBy: "", note: "", preview: '{"flujo": 1,}ñ',
    }]);
    const shown = (await scene.get(`/api/v1/parked/${id}`)).body;
    assert.deepEqual([shown.text, Buffer.from(shown.value, "base64").toString(), shown.reasonText], ['{"flujo": 1,}ñ', '{"flujo": 1,}ñ', "Not valid JSON"]);
  });

  test("bytes that are no text have no preview and no text; a reason that nobody knows stands as it is", async () => {
    const value = Buffer.from([0, 1, 2, 255]);
    const [id = "", long = ""] = await scene.park({ client: "bytes", value }, { client: "bytes", value: Buffer.from("🚰".repeat(300)), reason: "sunspots" as "empty" });
    const { items } = (await scene.get("/api/v1/parked?client=bytes")).body;
    assert.deepEqual(items.map(({ preview, reasonText, next }: Body) => [preview, reasonText, next === ""]), [["🚰".repeat(200), "sunspots", true], ["", "Not valid JSON", false]]);
    const shown = (await scene.get(`/api/v1/parked/${id}`)).body;
    assert.deepEqual([shown.text, shown.value], [null, value.toString("base64")]);
    assert.equal((await scene.get(`/api/v1/parked/${long}`)).body.text.length, 600);
  });

  test("a value in parts is one event, whole when the last part has come, and whole again after a redelivery", async () => {
    const value = Buffer.alloc(2_500_000, "caudal ");
    const [id = ""] = await scene.park({ client: "grande", device: "w-1", value, reason: "too-large", contentType: "text/plain" });
    const stored = await scene.parked.get(systemScope, id) ?? assert.fail();
    assert.deepEqual([stored.body.offsets.length, stored.body.bytes, stored.body.preview.length], [3, value.length, 200]);
    const shown = (await scene.get(`/api/v1/parked/${id}`)).body;
    assert.ok(Buffer.from(shown.value, "base64").equals(value));
    const events = (await scene.all("Parked")).filter(({ eventId }) => eventId === id).map((event, at) => ({ event, partition: stored.body.logPartition, offset: stored.body.offsets[at] ?? -1 }));
    await project(scene.parked, events);
    await project(scene.parked, events.map((at) => ({ ...at, offset: at.offset + 1000 })));
    assert.equal((await scene.parked.get(systemScope, id))?.version, stored.version, "a repeat changes nothing");

    const [first, second, third] = events;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const apart = (at: typeof first): typeof first => ({ ...at, event: { ...at.event, eventId: `apart-${id}` } });
    await project(scene.parked, [apart(third)]);
    const early = await scene.get(`/api/v1/parked/apart-${id}`);
    assert.deepEqual([early.status, early.body.code, early.body.detail], [503, "unavailable", "a part of the value is still on its way"]);
    assert.equal((await scene.call("POST", `/api/v1/parked/apart-${id}/replay`)).status, 503);
    const discarded = scene.call("POST", `/api/v1/parked/apart-${id}/discard`, { body: { reason: "no" } });
    await Promise.all([discarded, project(scene.parked, [apart(first), apart(second)])]);
    assert.equal((await discarded).status, 200);
    const whole = (await scene.parked.get(systemScope, `apart-${id}`))?.body;
    assert.deepEqual([whole?.state, whole?.bytes, whole?.firstOffset], ["discarded", value.length, first.offset], "the last part undoes no decision");
  });

  test("what somebody decides while the last part comes stands; a list that keeps changing is left for another try", async () => {
    const [id = ""] = await scene.park({ client: "carrera", value: Buffer.alloc(1_000_000, "x") });
    const { body } = await scene.parked.get(systemScope, id) ?? assert.fail();
    const event = (await scene.all("Parked")).find(({ eventId, part }) => eventId === id && part === 1) ?? assert.fail();
    const last = [{ event, partition: body.logPartition, offset: body.offsets[1] ?? -1 }];
    await scene.parked.putMany(systemScope, [{ id, body: { ...body, offsets: [body.offsets[0] ?? -1, -1], bytes: 900 * 1024 } }]);
    let changes = 1;
    const raced: DocumentCollection<ParkedRecord> = Object.assign(Object.create(scene.parked) as typeof scene.parked, {
      putMany: scene.parked.putMany.bind(scene.parked), replace: scene.parked.replace.bind(scene.parked),
      getMany: async (...call: Parameters<typeof scene.parked.getMany>) => {
        const found = await scene.parked.getMany(...call);
        if (changes-- > 0) await scene.parked.putMany(systemScope, found.map((one) => ({ id: one.id, body: { ...one.body, state: "discarded" as const } })));
        return found;
      },
    });
    await project(raced, last);
    const after = (await scene.parked.get(systemScope, id))?.body;
    assert.deepEqual([after?.state, after?.offsets, after?.bytes], ["discarded", body.offsets, 1_000_000]);
    changes = 100;
    await scene.parked.putMany(systemScope, [{ id, body: { ...body, offsets: [body.offsets[0] ?? -1, -1] } }]);
    await assert.rejects(project(raced, last), { code: "version-conflict" });
  });

  test("the list goes by every filter alone and together, newest first, page by page", async () => {
    const items = Array.from({ length: 24 }, (_, at) => ({
      client: at % 2 === 0 ? "par" : "impar", group: at % 3 === 0 ? "processor-mapping" : "collector", reason: at % 4 === 0 ? "empty" as const : "no-device" as const, device: `d-${at % 5}`, topic: topics.readings,
    }));
    const made = await scene.park(...items);
    await scene.call("POST", `/api/v1/parked/${made[23]}/discard`, { body: { reason: "a test" } });
    const expected = (fits: (item: typeof items[number], at: number) => boolean): string[] => made.filter((_, at) => fits(items[at] ?? assert.fail(), at)).reverse();
    const among = new Set(made);
    const own = async (query: string): Promise<string[]> => (await ids(query)).filter((id) => among.has(id));
    assert.deepEqual(await own("limit=7"), expected(() => true));
    assert.deepEqual(await own("client=par&limit=5"), expected(({ client }) => client === "par"));
    assert.deepEqual(await own("reason=empty&limit=2"), expected(({ reason }) => reason === "empty"));
    assert.deepEqual(await own("state=parked&reason=empty"), expected(({ reason }) => reason === "empty"));
    assert.deepEqual(await own("state=parked&group=processor-mapping&limit=3"), expected(({ group }) => group === "processor-mapping"));
    assert.deepEqual(await own("state=discarded"), [made[23]]);
    assert.deepEqual(await own("state=parked&client=impar&limit=4"), expected(({ client }, at) => client === "impar" && at !== 23));
    assert.deepEqual(await own("state=parked&client=par&reason=empty&device=d-2"), expected(({ client, reason, device }) => client === "par" && reason === "empty" && device === "d-2"));
    assert.deepEqual(await own("client=par&reason=no-device&group=collector&device=d-4&limit=1"), expected(({ client, reason, group, device }) => client === "par" && reason === "no-device" && group === "collector" && device === "d-4"));
    const [status, field] = await scene.get("/api/v1/parked?state=lost").then((answer) => [answer.status, answer.body.field]);
    assert.deepEqual([status, field], [400, "query.state"]);
    assert.equal((await scene.get("/api/v1/parked?cursor=zzz")).body.code, "invalid-cursor");
  });

  test("what a sender sends again because it saw no acknowledgement is listed once; what only looks the same, each time", async () => {
    const again = { headers: { [REDELIVERED_HEADER]: "1" } };
    const bad = { client: "otra-vez", device: "w-1", value: Buffer.from("ERR") };
    const [first = "", second = ""] = await scene.park(bad, bad);
    await scene.park({ ...bad, ...again }, { ...bad, ...again });
    assert.deepEqual((await ids("client=otra-vez")).sort(), [first, second].sort());
    // Of these nothing stands in the list: the one before was lost on its way, or was something else.
    const others = await scene.park({ ...bad, ...again, device: "w-2" }, { ...bad, ...again, value: Buffer.from("ERR 2") }, { ...bad, ...again, receivedAtUs: Date.now() * 1000 + 8 * 24 * 3600 * 1e6 });
    assert.deepEqual((await ids("client=otra-vez")).sort(), [first, second, ...others].sort());
  });

  test("nobody sees or decides what is not theirs", async () => {
    const [id = "", nobodys = ""] = await scene.park({ client: "mio" }, { client: "-" });
    const stranger = await scene.token("operator", ["otro"]);
    const owner = await scene.token("viewer", ["mio"]);
    for (const [method, path] of [["GET", id], ["POST", `${id}/replay`], ["GET", nobodys], ["GET", "nowhere"]] as const) {
      const answer = await scene.call(method, `/api/v1/parked/${path}`, { token: stranger });
      assert.deepEqual([answer.status, answer.body.code, answer.body.field], [404, "parked-not-found", "params.id"]);
    }
    assert.deepEqual((await scene.get("/api/v1/parked", stranger)).body.items, []);
    assert.deepEqual((await scene.get("/api/v1/parked", owner)).body.items.map((row: Body) => row.id), [id]);
    for (const path of [`${id}/replay`, `${id}/discard`, "replay"]) assert.equal((await scene.call("POST", `/api/v1/parked/${path}`, { token: owner, body: { reason: "x" } })).status, 403);
  });

  test("a discard says why, holds, and is written down", async () => {
    const [id = ""] = await scene.park({ client: "fuera" });
    assert.equal((await scene.call("POST", `/api/v1/parked/${id}/discard`, { body: { reason: " " } })).body.field, "body.reason");
    const before = await scene.business.parkedCount();
    const { status, body } = await scene.call("POST", `/api/v1/parked/${id}/discard`, { body: { reason: "a tool wrote it" } });
    assert.deepEqual([status, body.state, body.note, body.decidedBy, body.decidedAt !== null], [200, "discarded", "a tool wrote it", "local", true]);
    assert.equal(await scene.business.parkedCount(), before - 1);
    for (const act of ["discard", "replay"]) {
      const again = await scene.call("POST", `/api/v1/parked/${id}/${act}`, { body: { reason: "again" } });
      assert.deepEqual([again.status, again.body.code, again.body.detail], [409, "state-conflict", "the event was discarded already"]);
    }
    const spanish = await scene.call("POST", `/api/v1/parked/${id}/discard?lang=es`, { body: { reason: "again" } });
    assert.equal(spanish.body.detail, "el evento ya fue descartado");
    assert.deepEqual((await scene.audited()).filter(({ target }) => target === id).map(({ action, client, change }) => [action, client, change]), [["parked.discard", "fuera", '{"reason":"a tool wrote it"}']]);
  });

  test("what stands on the topic and is no parked event is listed where it stands, shown and decided, without end or loop", async () => {
    const impossible = { ...(await scene.all("Parked"))[0] ?? assert.fail(), eventId: "impossible", part: 3, parts: 2 };
    const values = [Buffer.from("not ours"), Buffer.from([0, 0, 0, 255, 255, 1]), scene.codec.encode("Parked", impossible)];
    const count = (await scene.records(topics.parked)).length;
    await scene.log.publish(topics.parked, values.map((value) => ({ key: "stray", value })));
    await scene.settled();
    await scene.park({ client: "tras" });
    const strays = (await scene.get("/api/v1/parked?client=-&group=business-parked")).body.items;
    assert.deepEqual(strays.map(({ reason, group, preview }: Body) => [reason, group, preview]).sort(), [["corrupt-record", "business-parked", ""], ["unknown-schema", "business-parked", ""], ["wrong-magic", "business-parked", "not ours"]]);
    assert.equal((await scene.records(topics.parked)).length, count + 4, "nothing was written for them");
    const [wrong] = strays.filter(({ reason }: Body) => reason === "wrong-magic");
    assert.equal((await scene.get(`/api/v1/parked/${wrong.id}`)).body.text, "not ours");
    const replay = await scene.call("POST", `/api/v1/parked/${wrong.id}/replay`);
    assert.deepEqual(replay.body, { replayed: 1, stillParked: 0 });
    await scene.settled();
    const after = (await scene.get("/api/v1/parked?client=-&group=business-parked&reason=wrong-magic")).body.items;
    assert.deepEqual(after.map(({ state }: Body) => state).sort(), ["parked", "replayed"], "tried once more, and as bad as before");
    assert.equal((await scene.records(topics.parked)).length, count + 5);
  });
});
