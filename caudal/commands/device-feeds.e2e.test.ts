import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const wells = Array.from({ length: 50 }, (_, at) => `pozo-${at + 1}`);
const points = wells.map((well) => pointIdOf("default", well));
const HOURS = [0, 1, 2, 3];
const at = (hour: number): string => `2024-05-01T${String(hour).padStart(2, "0")}:00:00Z`;
const airHpa = (hour: number): number => 1000 + hour * 5;
const probeKpa = (well: number, hour: number): number => 150 + well + hour / 4;
const levelM = (well: number, hour: number): number => Number(((probeKpa(well, hour) - airHpa(hour) / 10) / 9.80665).toFixed(6));

interface Feed {
  readonly point: string;
  readonly variable: string;
  readonly validFrom: string | null;
}

/** One barometer and fifty wells over the whole embedded installation. */
describe("devices feed", { concurrency: false }, () => {
  let folder = "";
  let caudal: Started;
  let url = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-feeding-"));
    caudal = await startUp(["--data", folder, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"]);
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(caudal.out())?.[0] ?? "";
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
  const send = async (device: string, values: Record<string, number>, hour: number): Promise<void> => {
    const response = await fetch(`${url}/api/v1/readings?device=${device}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ time: at(hour), values }) });
    assert.equal(response.status, 202, await response.text());
  };
  const configure = async (point: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/api/v1/points/${point}/config`, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
  };
  const holding = async (well: number, hour: number, variable: string): Promise<number | null> => {
    const response = await fetch(`${url}/api/v1/analytics/points/${points[well]}/revisions?at=${at(hour)}&variable=${variable}`);
    const { items } = (await response.json()) as { items: readonly { value: number | null; holds: boolean; withdrawn: boolean }[] };
    return items.find(({ holds, withdrawn }) => holds && !withdrawn)?.value ?? null;
  };
  const levelsAre = async (wanted: (well: number, hour: number) => number | null, of = wells.keys().toArray()): Promise<void> => {
    for (const well of of) {
      for (const hour of HOURS) {
        let found: number | null = NaN;
        await until(`the level of ${wells[well]} at ${hour} h`, async () => {
          found = await holding(well, hour, "water_column");
          const rounded = found === null ? null : Number(found.toFixed(6));
          return rounded === wanted(well, hour) ? true : undefined;
        });
      }
    }
  };

  test("fifty wells have levels less the pressure of the one barometer, whichever comes first, also of what was there before they were told of it", async () => {
    await send("barometro", { aire: airHpa(0) }, 0);
    for (const [index, well] of wells.entries()) await send(well, { sonda: probeKpa(index, 0) }, 0);
    for (const point of points) await until("the well is there", async () => ((await fetch(`${url}/api/v1/points/${point}`)).status === 200 ? true : undefined));
    await ok(["points", "set", pointIdOf("default", "barometro"), "--map", "aire=barometric_pressure:hPa"]);
    for (const point of points) {
      await configure(point, { variables: [{ key: "sonda", variable: "pressure", unit: "kPa" }], settings: [{ values: { levelKind: "pressure", barometer: "point", sensorDepthM: 100, barometerWindowS: 600 } }] });
    }
    for (const [index, well] of wells.entries()) if (index % 2 === 0) await send(well, { sonda: probeKpa(index, 2) }, 2);
    for (const hour of [2, 1]) await send("barometro", { aire: airHpa(hour) }, hour);

    const trial = await ok(["devices", "feed", "default/barometro", "aire", ...points, "--dry-run", "--lang", "es"]);
    assert.match(trial.out, /alimentaría 50 puntos/);
    assert.deepEqual((await ok(["devices", "feeds", "default/barometro", "--json"])).json<{ items: Feed[] }>().items, []);
    const done = (await ok(["devices", "feed", "default/barometro", "aire", ...points, "--json"])).json<{ before: number; after: number; changed: boolean }>();
    assert.deepEqual([done.before, done.after, done.changed], [0, 50, true]);

    for (const [index, well] of wells.entries()) {
      await send(well, { sonda: probeKpa(index, 1) }, 1);
      if (index % 2 !== 0) await send(well, { sonda: probeKpa(index, 2) }, 2);
      if (index < 25) await send(well, { sonda: probeKpa(index, 3) }, 3);
    }
    await send("barometro", { aire: airHpa(3) }, 3);
    for (const [index, well] of wells.entries()) if (index >= 25) await send(well, { sonda: probeKpa(index, 3) }, 3);
    await levelsAre(levelM);
    assert.match((await ok(["points", "show", points[7] ?? ""])).out, /aire → barometric_pressure \[mbar → kPa\]/);
    assert.equal((await ok(["devices", "feeds", "default/barometro", "--json", "--limit", "100"])).json<{ items: Feed[] }>().items.length, 50);
  });

  test("a well that is taken away from an instant on keeps what it had before it, and the others keep all", async () => {
    const done = await ok(["devices", "feed", "default/barometro", "aire", points[0] ?? "", "--remove", "--from", at(2)]);
    assert.match(done.out, /feeds 50 points/);
    await until("what came of it is gone", async () => ((await holding(0, 3, "barometric_pressure")) === null ? true : undefined));
    assert.equal(await holding(0, 1, "barometric_pressure"), 100.5);
    assert.equal(await holding(1, 3, "barometric_pressure"), 101.5);
  });

  test("what cannot be is said with the next step, and leaves everything as it was", async () => {
    const refused = await here(["devices", "feed", "default/barometro", "nada", points[0] ?? ""]);
    assert.equal(refused.code, 2);
    assert.match(refused.error, /nada/);
    for (const argv of [["devices", "feed", "default/barometro", "aire"], ["devices", "feed", "barometro", "aire", "p"], ["devices", "feed", "default/barometro", "aire", "p", "--remove", "--variable", "x"]]) assert.equal((await here(argv)).code, 2, argv.join(" "));
  });
});
