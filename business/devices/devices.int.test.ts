import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { systemScope, topics } from "@caudal/core";
import type { DevicePresence } from "@caudal/schemas";
import { openScene, type Body, type Scene } from "../test-scene.ts";
import type { PresenceRecord } from "./presence-record.ts";

const T = 1_700_000_000_000_000;
const S = 1_000_000;

describe("devices", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  const waiting = (client: string, device: string, ...keys: readonly string[]): Promise<unknown> =>
    scene.directory.noteWaiting(client, device, { keys: keys.map((key) => ({ key, unit: null })), labels: { credit: "x" }, atUs: T });
  const shown = async (client: string, device: string): Promise<Body> =>
    (await scene.get(`/api/v1/devices?client=${client}`)).body.items.find((row: Body) => row.device === device);

  test("the list filters by state and client together and pages on", async () => {
    for (let at = 0; at < 4; at++) {
      await waiting("norte", `w-${at}`, "caudal");
      await waiting("sur", `w-${at}`, "caudal");
      await scene.adopt("sur", `a-${at}`, "caudal");
    }
    const names = async (query: string): Promise<string[]> => {
      const found: string[] = [];
      let cursor = "";
      do {
        const { status, body } = await scene.get(`/api/v1/devices?${query}${cursor}`);
        assert.equal(status, 200);
        found.push(...body.items.map((row: Body) => `${row.client}/${row.device}`));
        cursor = body.next === null ? "" : `&cursor=${encodeURIComponent(body.next)}`;
      } while (cursor !== "");
      return found;
    };
    assert.deepEqual(await names("client=sur&state=waiting&limit=3"), ["sur/w-0", "sur/w-1", "sur/w-2", "sur/w-3"]);
    assert.deepEqual(await names("client=norte&limit=1"), ["norte/w-0", "norte/w-1", "norte/w-2", "norte/w-3"]);
    assert.equal((await names("state=waiting")).length, 8);
    assert.equal((await names("limit=5")).length, 12);
    assert.equal((await scene.get("/api/v1/devices?state=asleep")).body.field, "query.state");
    const scoped = await scene.get("/api/v1/devices", await scene.token("viewer", ["norte"]));
    assert.equal(scoped.body.items.length, 4);
  });

  test("a waiting device shows the keys seen and how much is kept, an active one what its keys mean now", async () => {
    await waiting("claves", "w-1", "caudal", "nivel");
    await scene.park(...[1, 2, 3].map(() => ({ client: "claves", device: "w-1", group: "processor-mapping", reason: "unknown-device" as const, topic: topics.readings })));
    const waits = await shown("claves", "w-1");
    assert.deepEqual(waits.keys, ["caudal", "nivel"].map((key) => ({ key, variable: "", unit: "", guessed: true, point: "" })));
    assert.deepEqual([waits.state, waits.readings, waits.points, waits.lastSeen, waits.presence, waits.firstSeen, waits.labels], ["waiting", 3, [], null, "unknown", "2023-11-14T22:13:20Z", { credit: "x" }]);
    const point = await scene.adopt("claves", "a-1", "caudal");
    await scene.call("PUT", `/api/v1/points/${point}/config`, { body: { variables: [{ key: "caudal", unit: "m3/h", validFrom: "2024-01-01T00:00:00Z" }] } });
    const active = await shown("claves", "a-1");
    assert.deepEqual([active.state, active.readings, active.keys, active.points], ["active", null, [{ key: "caudal", variable: "flow", unit: "m3/h", guessed: false, point }], [point]]);
  });

  test("presence is what was heard last; a repeat, and what comes late, change nothing", async () => {
    await scene.adopt("voz", "w-07", "caudal");
    const heard = (kind: string, atS: number, detail = ""): Partial<DevicePresence> => ({ client: "voz", kind, receivedAtUs: T + atS * S, detail });
    const now = async (): Promise<unknown[]> => {
      const { presence, lastSeen, detail, transport } = await shown("voz", "w-07");
      return [presence, lastSeen.slice(17), detail, transport];
    };
    await scene.presence(heard("seen", 1));
    assert.deepEqual(await now(), ["unknown", "21Z", "", "mqtt"]);
    await scene.presence(heard("online", 2), heard("seen", 3));
    assert.deepEqual(await now(), ["online", "23Z", "", "mqtt"]);
    await scene.presence(heard("refused", 4, "9000000 bytes"));
    assert.deepEqual(await now(), ["online", "24Z", "9000000 bytes", "mqtt"]);
    const last = [heard("seen", 5), heard("offline", 6, "gone")];
    await scene.presence(...last);
    assert.deepEqual(await now(), ["offline", "26Z", "gone", "mqtt"]);
    const records = await scene.documents.collection<PresenceRecord>({ name: "device-presence", tenant: true });
    const { version } = await records.get(systemScope, "voz/w-07") ?? assert.fail();
    await scene.presence(heard("online", 2), heard("seen", 3), ...last);
    assert.deepEqual(await now(), ["offline", "26Z", "gone", "mqtt"]);
    assert.equal((await records.get(systemScope, "voz/w-07"))?.version, version);
  });

  test("a device that was turned away is listed though nobody knows it; a known one stays what it is", async () => {
    await scene.adopt("grande", "a-1", "caudal");
    const refused = { client: "grande", kind: "refused", detail: "a message of 9000000 bytes", receivedAtUs: T };
    await scene.presence({ ...refused, device: "w-9" }, { ...refused, device: "a-1" }, { ...refused, device: "w-9" });
    const row = await shown("grande", "w-9");
    assert.deepEqual([row.state, row.detail, row.keys, row.readings], ["waiting", "a message of 9000000 bytes", [], 0]);
    assert.equal((await shown("grande", "a-1")).state, "active");
  });

  test("what cannot be read as presence is parked, and its neighbours go on", async () => {
    await scene.adopt("vecino", "w-07", "caudal");
    await scene.log.publish(topics.devices, [{ key: "vecino/w-07", value: Buffer.from("not avro") }]);
    await scene.presence({ client: "vecino", kind: "online" });
    assert.equal((await shown("vecino", "w-07")).presence, "online");
    await scene.settled();
    const { items } = (await scene.get("/api/v1/parked?client=vecino")).body;
    assert.deepEqual(items.map(({ group, reason, device }: Body) => [group, reason, device]), [["business-devices", "wrong-magic", "w-07"]]);
  });

  test("adopting asks for a device that is there and a role that may, and is written down", async () => {
    await waiting("casa", "w/1", "caudal");
    const adopt = (path: string, token?: string): ReturnType<Scene["call"]> => scene.call("POST", `/api/v1/devices/${path}/adopt`, token === undefined ? {} : { token });
    const missing = await adopt("casa/nobody");
    assert.deepEqual([missing.status, missing.body.code, missing.body.field], [404, "device-not-found", "params.device"]);
    assert.equal((await adopt("casa/w%2F1", await scene.token("operator", ["otra"]))).status, 404);
    assert.equal((await adopt("casa/w%2F1", await scene.token("viewer", ["casa"]))).status, 403);
    const { status, body } = await adopt("casa/w%2F1", await scene.token("operator", ["casa"]));
    assert.deepEqual([status, body.state, body.replayed, body.readings, body.points], [200, "active", 0, null, []]);
    assert.deepEqual([(await adopt("casa/w%2F1")).status], [200], "twice is once");
    const rows = (await scene.audited()).filter(({ client }) => client === "casa");
    assert.deepEqual(rows.map(({ action, target, by }) => [action, target, by.split("-")[0]]), [["device.adopt", "casa/w/1", "operator"], ["device.adopt", "casa/w/1", "local"]]);
  });
});
