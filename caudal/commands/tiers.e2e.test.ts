import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { InstallationTiers, TierReport } from "@caudal/archiver";
import { Directory, topics, topicSpecs } from "@caudal/core";
import { measurement } from "../../analytics/test-scene.ts";
import { run } from "../test-parts/captured.ts";
import { portsOf } from "../test-parts/ports-of.ts";
import { startUp } from "../test-parts/started.ts";

const DAY = 86_400e6;
const TODAY = Math.floor((Date.now() * 1000) / DAY) * DAY;

let data: string;
let point: string;

/** An installation that does not run, with a point whose hot tier lacks a fact of yesterday and holds days that are due. */
before(async () => {
  data = await mkdtemp(join(tmpdir(), "caudal-tiers-"));
  const ports = await portsOf(data);
  try {
    await ports.log.declareTopics(topicSpecs(6));
    const { body } = await (await Directory.open(ports.documents)).adopt("demo", "meter", { by: "auto", keys: [{ key: "flow", unit: "L/s" }], labels: {}, atUs: TODAY });
    point = body.entries[0]!.point;
    const all = Array.from({ length: 25 }, (_, i) => measurement(point, TODAY - 6 * DAY + i * (DAY / 4), { flow: i }));
    await ports.hot.write(all.filter((_, i) => i !== 21));
    await ports.warm.write(all);
    await ports.cold.write(all);
  } finally {
    await ports.close();
  }
});
after(() => rm(data, { recursive: true, force: true }));

const tiers = (...words: string[]): ReturnType<typeof run> => run(["tiers", ...words, "--data", data]);

describe("where nothing runs", () => {
  test("verify says what differs and exits 1; a dry run of repair changes nothing; repair mends it once", async () => {
    const day = new Date((TODAY - DAY) / 1000).toISOString().slice(0, 10);
    const found = await tiers("verify");
    assert.equal(found.code, 1, found.error);
    assert.match(found.out, /hot: 1 points, 7 point-days compared, 1 differences\n {2}1 of them are not confirmed by the log/);
    assert.match(found.out, new RegExp(`hot +demo +${point} +${day} +1 differences`));
    assert.match(found.out, new RegExp(`warm +demo +${point} +${day}T06:00:00Z +flow 21 \\(not-in-log\\)`));
    assert.equal((await tiers("repair", "--dry-run")).code, 1);
    const repaired = await tiers("repair", "--json", "--tier", "hot", "--client", "demo", "--point", point, "--from", day);
    assert.deepEqual([repaired.code, repaired.json<TierReport>().tiers.map(({ tier, differences, repaired: facts }) => [tier, differences, facts])], [0, [["hot", 1, 1]]]);
    assert.deepEqual((await tiers("repair", "--json")).json<TierReport>().tiers.map(({ repaired: facts }) => facts), [0, 0]);
    assert.equal((await tiers("verify")).code, 0);
  });

  test("status shows what each tier holds and what is due", async () => {
    const { tiers: [hot, , cold], points, looked } = (await tiers("status", "--json")).json<InstallationTiers>();
    assert.deepEqual([hot!.points, hot!.dueDays, hot!.keepsDays, cold!.keepsDays, points, looked], [1, 3, 3, null, 1, 1]);
    assert.ok(hot!.bytes! > 0 && hot!.checks!.repaired === 1);
    assert.match((await tiers("status", "--lang", "es")).out, /hot +3 días +1 puntos .* 3 días-punto por olvidar/);
  });

  test("what cannot be read is told with the usage; a folder that is not there, and groups that are behind, with the next step", async () => {
    for (const words of [["--tier", "cold"], ["--from", "yesterday"], ["--from", "2026-03-02", "--to", "2026-03-01"]]) {
      const { code, error } = await tiers("verify", ...words);
      assert.equal(code, 2, error);
      assert.match(error, /caudal tiers verify \[--tier hot\|warm\]/);
    }
    const nowhere = await run(["tiers", "verify", "--data", join(data, "nowhere")]);
    assert.equal(nowhere.code, 3);
    assert.match(nowhere.error, /there is no data folder/);
  });
});

test("a running installation does it as a job, forgets what is due, and shows nobody less than before", async () => {
  const started = await startUp(["--data", data, "--http", "127.0.0.1:0", "--mqtt", "off", "--demo", "off"], { env: { CAUDAL_FORGET: "off" } });
  try {
    const would = await tiers("forget", "--dry-run");
    assert.match(would.out, /hot: 3 point-days would be forgotten/);
    assert.equal((await tiers("verify")).code, 0);
    const forgot = await tiers("forget", "--json");
    assert.equal(forgot.code, 0, forgot.error);
    assert.deepEqual(forgot.json<TierReport>().tiers.map(({ tier, forgotten }) => [tier, forgotten]), [["hot", 3], ["warm", 0]]);
    const { tiers: [hot, warm] } = (await tiers("status", "--json")).json<InstallationTiers>();
    assert.deepEqual([hot!.dueDays, hot!.checks!.forgotten, Date.parse(hot!.oldestDay!) * 1000, Date.parse(warm!.oldestDay!) * 1000], [0, 3, TODAY - 3 * DAY, TODAY - 6 * DAY]);
    assert.equal((await tiers("verify", "--from", "yesterday")).code, 2);
  } finally {
    await started.stop();
  }
});

test("nothing is compared while a group is behind", async () => {
  const ports = await portsOf(data);
  try {
    await ports.log.publish(topics.measurements, [{ key: point, value: new Uint8Array(1) }]);
  } finally {
    await ports.close();
  }
  const { code, error } = await tiers("verify");
  assert.equal(code, 3);
  assert.match(error, /processor-hot has yet to write 1 records into the hot tier/);
});
