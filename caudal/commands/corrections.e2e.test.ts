import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const point = pointIdOf("default", "meter");
const at = (hour: number): string => `2024-05-01T${String(hour).padStart(2, "0")}:00:00Z`;

interface Decision {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly said: boolean;
}
interface Revision {
  readonly authority: number;
  readonly value: number | null;
  readonly reasons: readonly string[];
  readonly holds: boolean;
  readonly withdrawn: boolean;
}

/** What people say of counts and facts, over the whole embedded installation. */
describe("a person's word", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started;
  let url = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-correcting-"));
    caudal = await startUp(["--data", folder, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"]);
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(caudal.out())?.[0] ?? "";
    for (const [hour, pulses] of [[0, 1000], [1, 1010], [6, 600], [7, 610]] as const) assert.equal((await here(["send", "meter", `pulses=${pulses}`, "--time", at(hour)])).code, 0);
    await until("the point is there", async () => ((await here(["points", "show", point])).code === 0 ? true : undefined));
  });
  after(async () => {
    await caudal.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[]): Promise<Ran> => run([...argv, "--data", folder]);
  const ok = async (argv: readonly string[]): Promise<Ran> => {
    const ran = await here(argv);
    assert.equal(ran.code, 0, ran.error);
    return ran;
  };
  const revisions = async (hour: number, variable: string): Promise<readonly Revision[]> => {
    const response = await fetch(`${url}/api/v1/analytics/points/${point}/revisions?at=${at(hour)}&variable=${variable}`);
    return ((await response.json()) as { items: readonly Revision[] }).items;
  };
  const holding = async (hour: number, variable: string): Promise<number | null | undefined> => (await revisions(hour, variable)).find(({ holds }) => holds)?.value;
  const volumes = async (...wanted: readonly (number | null)[]): Promise<void> => {
    let found: unknown[] = [];
    await until(`volumes are ${JSON.stringify(wanted)}`, async () => {
      found = await Promise.all([0, 1, 6, 7].map((hour) => holding(hour, "volume")));
      return JSON.stringify(found) === JSON.stringify(wanted) ? true : undefined;
    });
  };
  const decisions = async (...filter: readonly string[]): Promise<readonly Decision[]> => (await ok(["totaliser", "ls", "--point", point, ...filter, "--json"])).json<{ items: readonly Decision[] }>().items;

  const made = (kind: string, said: boolean): Promise<Decision> => until(`a ${kind} is listed`, async () => (await decisions("--state", "made")).find((row) => row.kind === kind && row.said === said));

  test("settings by plain names are set and shown, with who and from when; what cannot be is refused", async () => {
    await ok(["points", "set", point, "--set", "pulse-factor-l=100", "--set", "sensorDepthM=45"]);
    await ok(["points", "set", point, "--set", "sensorDepthM=46.5", "--from", "2024-06-01T00:00:00Z"]);
    const { out } = await ok(["points", "show", point, "--lang", "es"]);
    assert.match(out, /desde la primera lectura \(/);
    assert.match(out, /sensorDepthM +45 m +Profundidad del sensor de nivel/);
    assert.match(out, /desde 2024-06-01T00:00:00Z/);
    const refused = await here(["points", "set", point, "--set", "sensorDepthM=-1", "--lang", "es"]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.error, /sensorDepthM es -1; se esperaba > 0/);
    await volumes(100, 101, 161, 162);
  });

  test("a reset is listed, undone, taken back and confirmed; what followed is computed anew each time", async () => {
    const reset = await made("reset", false);
    const undone = await ok(["totaliser", "undo", reset.id, "--reason", "the logger was on the bench"]);
    assert.match(undone.out, /^undone: reset at 2024-05-01T06:00:00Z/);
    await volumes(100, 101, 101, 101);
    const ignored = await made("ignored", true);
    const late = await here(["totaliser", "confirm", reset.id, "--reason", "late"]);
    assert.notEqual(late.code, 0);
    assert.match(late.error, /no longer holds/);
    await ok(["totaliser", "undo", ignored.id, "--reason", "it was in the field after all"]);
    await volumes(100, 101, 161, 162);
    await made("reset", false);
    await ok(["totaliser", "correct", reset.id, "--final", "1020", "--initial", "500", "--reason", "both dials were read"]);
    await volumes(100, 101, 112, 113);
    await ok(["totaliser", "confirm", reset.id, "--reason", "as it stands"]);
    await volumes(100, 101, 161, 162);
    const wrong = await here(["totaliser", "correct", reset.id, "--as", "rollover", "--reason", "r", "--lang", "es"]);
    assert.match(wrong.error, /rollover necesita su modulus/);
    await made("reset", true);
    const audited = await decisions("--kind", "reset", "--from", at(5), "--to", at(7));
    assert.deepEqual(audited.map(({ state, said }) => [state, said]), [["made", true]]);
    assert.deepEqual(await decisions("--from", at(8)), []);
  });

  test("a corrected count holds over what is computed, its volume follows, and raw stays among the revisions", async () => {
    const asked = ["correct", "--point", point, "--variable", "pulses", "--at", at(1), "--reason", "the dial said 1005"];
    const trial = await ok([...asked, "--value", "1005", "--dry-run"]);
    assert.match(trial.out, /2024-05-01T01:00:00Z +1010 → 1005[^]*1 facts would be 1005; nothing was changed/);
    assert.equal(await holding(1, "pulses"), 1010);
    await ok([...asked, "--value", "1005"]);
    await volumes(100, 100.5, 160.5, 161.5);
    const told = await revisions(1, "pulses");
    assert.deepEqual([told[0]?.authority, told[0]?.value, told[0]?.reasons], [1, 1005, ["corrected"]]);
    assert.ok(told.some(({ authority, value, holds }) => authority === 0 && value === 1010 && !holds), "what was computed from what came is still there");

    await ok(["send", "meter", "pulses=1011", "--time", at(1)]);
    await until("the later computed revision is there", async () => ((await revisions(1, "pulses")).some(({ authority, value }) => authority === 0 && value === 1011) ? true : undefined));
    assert.equal(await holding(1, "pulses"), 1005, "only another person's word outdoes it");
    await volumes(100, 100.5, 160.5, 161.5);
  });

  test("a span is withdrawn, and listed with author and reason; what cannot be is refused with field and next step", async () => {
    await ok(["correct", "--point", point, "--variable", "pulses", "--from", at(6), "--to", at(8), "--withdraw", "--reason", "the meter was being repaired"]);
    await until("both are gone", async () => ((await holding(6, "pulses")) === null && (await holding(7, "pulses")) === null ? true : undefined));
    await until("their volume is gone", async () => ((await revisions(7, "volume"))[0]?.withdrawn === true ? true : undefined));
    const back = await ok(["correct", "--point", point, "--variable", "pulses", "--from", at(6), "--to", at(7), "--restore", "--reason", "it was another meter", "--dry-run"]);
    assert.match(back.out, /2024-05-01T06:00:00Z +- → 600[^]*1 facts would be what the source said/);
    assert.notEqual((await here(["correct", "--point", point, "--variable", "pulses", "--at", at(6), "--restore", "--withdraw", "--reason", "r"])).code, 0);
    const { items } = (await (await fetch(`${url}/api/v1/points/${point}/corrections`)).json()) as { items: readonly { value: number | null; author: string; reason: string; facts: number }[] };
    assert.deepEqual(items.map(({ value, reason, facts }) => [value, reason, facts]), [[null, "the meter was being repaired", 2], [1005, "the dial said 1005", 1]]);
    assert.ok(items.every(({ author }) => author !== ""));
    for (const [argv, words] of [
      [["--variable", "wind", "--at", at(1), "--value", "1"], /variable is wind; expected one of pulses/], [["--variable", "pulses", "--at", "yesterday", "--value", "1"], /at is yesterday; expected an RFC 3339/],
      [["--variable", "pulses", "--from", at(2), "--to", at(3), "--value", "1"], /no fact from/], [["--variable", "pulses", "--from", at(3), "--to", at(2), "--value", "1"], /expected a time after/],
    ] as const) {
      const refused = await here(["correct", "--point", point, "--reason", "r", ...argv]);
      assert.notEqual(refused.code, 0);
      assert.match(refused.error, words);
    }
  });

  test("what waits to be computed again is told, in the list and with the point", async () => {
    const row = await until("it is listed", async () => (await ok(["totaliser", "recounts", "--point", point, "--json"])).json<{ items: readonly { state: string; causes: readonly string[]; since: string }[] }>().items[0]);
    assert.ok(["waiting", "done"].includes(row.state) && row.causes.length > 0, JSON.stringify(row));
    assert.match((await ok(["totaliser", "recounts", "--lang", "es"])).out, /recalculándose desde|recalculado a las/);
    assert.match((await ok(["totaliser", "recounts", "--state", row.state])).out, new RegExp(point));
    const { recomputing } = (await (await fetch(`${url}/api/v1/points/${point}`)).json()) as { recomputing: { since: string } | null };
    assert.ok(recomputing === null || recomputing.since === row.since);
  });

  test("a replay lists each decision once and would take back nothing that a person said", async () => {
    const before = await decisions();
    const replayed = await ok(["replay", "--from", "2024-05-01", "--to", "2024-05-02", "--dry-run"]);
    assert.match(replayed.out, /^nothing would change/);
    assert.deepEqual(await decisions(), before);
    assert.equal(new Set(before.map(({ id }) => id)).size, before.length);
  });
});
