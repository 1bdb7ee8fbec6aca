import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { tagoio } from "../providers/tagoio/tagoio.ts";
import { thethingsIo } from "../providers/thethings-io/thethings-io.ts";
import type { Provider } from "../providers/provider.ts";
import { minutes, openPollingScene } from "../test-parts/polling-scene.ts";
import { scriptedAccount, scriptedDevice } from "../test-parts/scripted-provider.ts";
import { Watermarks } from "./watermarks.ts";

const MINUTE_MS = 60_000;
/** 2026-03-01T12:00:00Z. */
const START_MS = 1_772_366_400_000;
const ROWS = 60;
const rows = Array.from({ length: ROWS }, (_, at) => ({ timeMs: START_MS - (at + 1) * MINUTE_MS, value: ROWS - at }));

/** thethings.io, and a TagoIO that does not keep to the order that is asked for: newest first, so many rows a page. */
function answered(url: URL): unknown {
  const asked = url.searchParams;
  if (url.pathname === "/data") {
    const [from, to] = [asked.get("start_date"), asked.get("end_date")].map((text) => Date.parse(text ?? ""));
    const inside = asked.get("query") === "last_value" ? rows.slice(0, 1) : rows.filter(({ timeMs }) => timeMs >= from! && timeMs <= to!);
    const skip = Number(asked.get("skip") ?? 0);
    const result = inside.slice(skip, skip + Number(asked.get("qty"))).map(({ timeMs, value }) => ({ id: String(timeMs), variable: "level", value, unit: "m", time: new Date(timeMs).toISOString() }));
    return { status: true, result };
  }
  const [from, to] = [asked.get("startDate"), asked.get("endDate")].map((text) => (text === null ? Number.NaN : Date.parse(text.replace(/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/, "$1-$2-$3T$4:$5:$6Z"))));
  const inside = rows.filter(({ timeMs }) => !(timeMs < from!) && !(timeMs > to!));
  return inside.slice(0, Number(asked.get("limit"))).map(({ timeMs, value }) => ({ key: "level", value, datetime: new Date(timeMs).toISOString() }));
}

describe("pages that come newest first", () => {
  const history = { goodPages: 0, asked: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const ofHistory = url.searchParams.has("start_date") || url.searchParams.has("startDate");
    const broken = ofHistory && ++history.asked > history.goodPages;
    response.setHeader("content-type", "application/json").end(broken ? "<html>sorry</html>" : JSON.stringify(answered(url)));
  });
  before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  after(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  for (const provider of [thethingsIo, tagoio] as readonly Provider[]) {
    test(`${provider.id}: whatever page of a window it breaks off at, the watermark has not moved, and the next poll brings every row`, async () => {
      for (const breaksAt of [1, 2, 4, 7]) {
        const scene = await openPollingScene(START_MS * 1000);
        try {
          const account = scriptedAccount({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }, [scriptedDevice("w1", { secrets: { token: "tok-synthetic-1" } })], {
            provider, settings: provider.settings.parse({ pageLimit: 7 }), overlapEveryMs: 0, overlapMs: 3 * 3_600_000,
          });
          history.goodPages = breaksAt;
          history.asked = 0;
          const polling = await scene.polling([account]);
          const mark = async (): Promise<number | undefined> => {
            const watermarks = await Watermarks.open(scene.documents);
            await watermarks.load([{ client: "acme", account: "north", device: "w1" }]);
            return watermarks.of({ client: "acme", account: "north", device: "w1" }).marks.get("level")?.timeUs;
          };
          await minutes(polling, scene.clock, 1);
          assert.ok(history.asked > breaksAt, "it broke off");
          assert.ok((await scene.samples()).length >= breaksAt * 6, "what was read is in the log");
          assert.equal(await mark(), undefined, `after ${breaksAt} pages`);
          history.goodPages = Number.POSITIVE_INFINITY;
          await minutes(polling, scene.clock, 2);
          assert.equal(new Set((await scene.samples()).map(([, , timeUs]) => timeUs)).size, ROWS);
          assert.equal(await mark(), rows[0]!.timeMs * 1000);
        } finally {
          await scene.close();
        }
      }
    });
  }
});
