import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pointIdOf } from "@caudal/core";
import { run, type Ran } from "../test-parts/captured.ts";
import { startUp, type Started } from "../test-parts/started.ts";
import { until } from "../test-parts/until.ts";

const point = pointIdOf("default", "meter");

/** Every file of a tree by its path, with its bytes. */
async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".yaml")).sort();
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), "utf8")])));
}

/** Configuration as files, over whole embedded installations. */
describe("configuration as files", { concurrency: false }, () => {
  let folder = "";
  const installations: { caudal: Started; data: string; url: string }[] = [];
  const start = async (name: string): Promise<void> => {
    const data = join(folder, name);
    const caudal = await startUp(["--data", data, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "off"]);
    installations.push({ caudal, data, url: /http:\/\/127\.0\.0\.1:\d+/.exec(caudal.out())?.[0] ?? "" });
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "caudal-configuring-"));
    await start("a");
    for (const pulses of [1000, 1010]) await ok(["send", "meter", `pulses=${pulses}`, "caudal=1.5", "--time", `2024-05-01T0${pulses % 7}:00:00Z`]);
    await until("the point is there", async () => ((await fetch(`${installations[0]?.url}/api/v1/points/${point}`)).ok ? true : undefined));
    await ok(["points", "set", point, "--name", "Pozo \"norte\": #1", "--period", "900", "--map", "caudal=flow:m3/h", "--set", "pulse-factor-l=100"]);
    await ok(["points", "set", point, "--set", "sensorDepthM=46.5", "--set", "rightFlowLps=12", "--from", "2024-06-01T00:00:00Z"]);
  });
  after(async () => {
    await Promise.all(installations.map(({ caudal }) => caudal.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  const here = (argv: readonly string[], which = 0): Promise<Ran> => run([...argv, "--data", installations[which]?.data ?? ""]);
  const ok = async (argv: readonly string[], which = 0): Promise<Ran> => {
    const ran = await here(argv, which);
    assert.equal(ran.code, 0, ran.error + ran.out);
    return ran;
  };
  const tree = (name: string): string => join(folder, name);
  const events = async (which: number): Promise<number> => {
    const text = await (await fetch(`${installations[which]?.url}/metrics`)).text();
    return Number(/caudal_log_published_records_total\{[^}]*topic="caudal\.points"[^}]*\} (\d+)/.exec(text)?.[1] ?? NaN);
  };
  const revision = async (id: string, which = 0): Promise<number> => ((await (await fetch(`${installations[which]?.url}/api/v1/points/${id}`)).json()) as { version: number }).version;

  test("what was configured is written as readable files, the same each time, and differs in nothing from where it came from", async () => {
    const { out } = await ok(["config", "export", "--to", tree("one"), "--lang", "es"]);
    assert.match(out, /^1 equipos en .*: 2 archivos escritos, 0 como estaban/);
    const files = await treeOf(tree("one"));
    assert.deepEqual(Object.keys(files), ["default/client.yaml", "default/meter.yaml"]);
    const text = files["default/meter.yaml"] ?? "";
    assert.match(text, /^caudal-configuration: 1\nclient: default\ndevice: meter\nkeys:\n {2}- key: caudal\n {4}variable: flow\n {4}unit: m3\/h\n {2}- key: pulses\n {4}variable: pulses\n {4}unit: pulse\n {4}guessed: true\npoints:\n {2}- name: /);
    assert.match(text, /settings:\n {6}- pulseFactorL: 100\n {6}- validFrom: 2024-06-01T00:00:00Z\n {8}rightFlowLps: 12\n {8}sensorDepthM: 46.5\n$/);
    const again = await ok(["config", "export", "--to", tree("one")]);
    assert.match(again.out, /0 files written, 2 as they were/);
    const diff = await ok(["config", "diff", tree("one")]);
    assert.equal(diff.out + diff.error, "", "nothing is said where nothing differs");
    const stream = await ok(["config", "export"]);
    assert.equal(stream.out, `${files["default/client.yaml"]}---\n${text}`);
    await writeFile(join(folder, "all.yaml"), stream.out);
    assert.equal((await ok(["config", "diff", join(folder, "all.yaml")])).out, "");
    assert.equal((await ok(["config", "export", "--point", "Pozo*", "--json"])).json<{ device: string }>().device, "meter");
    assert.equal((await ok(["config", "export", "--point", "Otro*"])).out, "");
    const nobody = await here(["config", "export", "--client", "nobody"]);
    assert.deepEqual([nobody.code, nobody.error], [1, "✗ there is no client nobody\n  → npx caudal clients ls lists them\n"]);
    await writeFile(join(tree("one"), "gone.yaml"), text.replace("device: meter", "device: gone"));
    assert.match((await ok(["config", "export", "--client", "default", "--to", tree("one")])).error, /gone\.yaml is of a device that is not in the installation; it was left\n$/);
    assert.equal((await ok(["config", "diff", tree("one"), "--point", "met?r"])).out, "");
    await rm(join(tree("one"), "gone.yaml"));
    assert.match((await here(["config", "diff"])).error, /name files or a folder/);
  });

  test("a fresh installation takes the files and gives the same bytes; the second time nothing is written or published", async () => {
    await start("b");
    const { code, out } = await here(["config", "diff", tree("one")], 1);
    assert.equal(code, 1);
    assert.match(out, /default\/meter {2}.*meter\.yaml\n {2}\+ device\n {2}\+ keys\.caudal {2}\{"variable":"flow","unit":"m3\/h"\}/);
    const asked = await here(["config", "apply", tree("one")], 1);
    assert.equal(asked.code, 1);
    assert.match(asked.out, /nothing was written\n→ Say --yes/);
    const applied = await ok(["config", "apply", tree("one"), "--yes", "--reason", "moved"], 1);
    assert.match(applied.out, /^2 applied, 0 were so already, 0 removed, 0 in conflict/);
    await ok(["config", "export", "--to", tree("two")], 1);
    assert.deepEqual(await treeOf(tree("two")), await treeOf(tree("one")));
    const published = await until("the point's configuration is published", async () => ((await events(1)) >= 1 ? events(1) : undefined));
    const version = await revision(point, 1);
    assert.match((await ok(["config", "apply", tree("one"), "--yes"], 1)).out, /^nothing to do/);
    assert.deepEqual([await revision(point, 1), await events(1)], [version, published]);
    await ok(["send", "meter", "pulses=1000", "caudal=3.6", "--time", "2024-05-01T00:00:00Z"], 1);
    await until("its flow is converted as the files say", async () => {
      const found = (await (await fetch(`${installations[1]?.url}/api/v1/analytics/points/${point}/revisions?at=2024-05-01T00:00:00Z&variable=flow`)).json()) as { items?: readonly { value: number }[] };
      return found.items?.[0]?.value === 1 ? true : undefined;
    });
  });

  test("a difference is told field by field, applied with author and reason, and what files say nothing of stays", async () => {
    await cp(tree("one"), tree("edited"), { recursive: true });
    const path = join(tree("edited"), "default", "meter.yaml");
    const text = (await readFile(path, "utf8")).replace("pulseFactorL: 100", "pulseFactorL: 10").replace("        rightFlowLps: 12\n", "").replace("unit: m3/h", "unit: L/s");
    await writeFile(path, text.replace("    periodS: 900\n", "    periodS: 900\n    limits:\n      flow:\n        - max: 40\n        - validFrom: 2024-07-01T00:00:00-04:00\n          max: 60\n"));
    const { code, out } = await here(["config", "diff", tree("edited")]);
    assert.equal(code, 1);
    assert.deepEqual(out.split("\n").slice(1, -1).map((line) => line.trim()), [
      "~ keys.caudal.unit  \"m3/h\" → \"L/s\"", "+ point.limits.flow.max  40", "+ point.limits.flow[2024-07-01T04:00:00Z].max  60",
      "~ point.settings.pulseFactorL  100 → 10", "· point.settings[2024-06-01T00:00:00Z].rightFlowLps  12  (only in the installation; it stays)",
    ]);
    const listed = (await here(["config", "diff", tree("edited"), "--json"])).json<{ devices: readonly { changes: readonly { kind: string; field: string; before?: unknown; after?: unknown }[] }[] }>();
    assert.deepEqual(listed.devices[0]?.changes[3], { kind: "changed", field: "point.settings.pulseFactorL", before: 100, after: 10 });
    const watched = await run(["config", "diff", tree("edited"), "--data", installations[0]?.data ?? ""], { columns: 100 });
    assert.match(watched.out, /comparing devices: 1 \/ 1[^]*\u001b\[33m {2}~ point\.settings\.pulseFactorL {2}100 → 10\u001b\[0m/, "in colour, with progress, where somebody watches");
    const before = await revision(point);
    assert.match((await ok(["config", "apply", tree("edited"), "--dry-run"])).out, /nothing was written\n$/);
    assert.equal(await revision(point), before);
    await ok(["config", "apply", tree("edited"), "--yes", "--reason", "the meter was changed"]);
    assert.equal(await revision(point), before + 1);
    const left = await here(["config", "diff", tree("edited")]);
    assert.deepEqual([left.code, left.out.split("\n").length], [1, 3], "only what is only here is left");
    const shown = (await (await fetch(`${installations[0]?.url}/api/v1/points/${point}`)).json()) as { settings: readonly { validFrom: string | null; values: Record<string, unknown>; reason?: string }[] };
    assert.deepEqual(shown.settings.map(({ validFrom, values }) => [validFrom, values]), [[null, { pulseFactorL: 10 }], ["2024-06-01T00:00:00Z", { rightFlowLps: 12, sensorDepthM: 46.5 }]]);
    const pruned = await ok(["config", "apply", tree("edited"), "--prune", "--yes"]);
    assert.match(pruned.out, /^1 applied/);
    assert.equal((await ok(["config", "diff", tree("edited")])).out, "");
  });

  test("what is wrong is told at once with file, line, column, field and next step, and nothing is written", async () => {
    const bad = tree("bad");
    await mkdir(bad);
    await writeFile(join(bad, "a.yaml"), "caudal-configuration: 1\nclient: default\ndevice: new-1\nkeys:\n  - key: q\n    variabel: flow\n");
    await writeFile(join(bad, "b.yaml"), [
      "# two documents", "---", "caudal-configuration: 1", "client: default", "device: new-2", "keys:", "  - key: q", "    variable: flow", "    unit: m",
      "points:", "  - name: ok", "    settings:", "      - pulseFactor: 10", "        sensorDepthM: -1", "    limits:", "      flow:", "        - { min: 5, max: 1 }",
      "---", "caudal-configuration: 2", "client: default", "device: x", "---", "client: default", "---", "caudal-configuration: 1", "client: default", "device: new-1", "keys: [", "",
    ].join("\n"));
    const { code, error, out } = await here(["config", "apply", bad, "--yes"]);
    assert.deepEqual([code, out], [2, ""]);
    const found = error.split("\n").filter((line) => line.startsWith("✗")).map((line) => line.slice(2).replace(`${bad}/`, ""));
    for (const [at, words] of [
      ["a.yaml:6:5: keys[0].variabel: ", "unknown here"], ["a.yaml:5:5: keys[0].variable: ", "expected"], ["b.yaml:9:5: keys[0].unit: ", "not measured in m"],
      ["b.yaml:13:9: points[0].settings[0].pulseFactor: ", "no setting"], ["b.yaml:14:9: points[0].settings[0].sensorDepthM: ", "-1"], ["b.yaml:17:", "min 5 is above max 1"],
      ["b.yaml:19:1: caudal-configuration: ", "version 2"], ["b.yaml:23:", "caudal-configuration is missing"], ["b.yaml:29:", "no YAML"],
    ] as const) assert.ok(found.some((line) => line.startsWith(at) && line.includes(words)), `${at} … ${words}\n${error}`);
    await writeFile(join(bad, "a.yaml"), "caudal-configuration: 1\nclient: default\ndevice: 7001\n");
    assert.match((await here(["config", "diff", join(bad, "a.yaml"), "--lang", "es"])).error, /a\.yaml:3:1: device: .*\n {2}→ Escriba un texto, entre comillas/);
    assert.match(error, /Did you mean variable\?[^]*Did you mean pulseFactorL\?/);
    assert.match(error, /\d+ to correct; nothing was written\n$/);
    assert.equal((await fetch(`${installations[0]?.url}/api/v1/points/${pointIdOf("default", "new-2")}`)).status, 404);
    await writeFile(join(bad, "a.yaml"), `caudal-configuration: 1\nclient: default\ndevice: new-1\nkeys:\n  - key: q\n    variable: flow\n    point: ${"z".repeat(20)}\n`);
    await rm(join(bad, "b.yaml"));
    const elsewhere = await here(["config", "apply", bad, "--yes", "--lang", "es"]);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.error, /a\.yaml:7:5: keys\[0\]\.point: el cliente no tiene el punto zzz/);
    assert.match((await here(["config", "diff", join(folder, "nowhere")])).error, /there is no .*nowhere/);
  });

  test("pruning takes a device that was never heard of, and tells of those that have data", async () => {
    const ahead = tree("ahead");
    await cp(tree("edited"), ahead, { recursive: true });
    const well = `caudal-configuration: 1\nclient: default\ndevice: "7001"\nkeys:\n  - { key: q, variable: flow }\npoints:\n  - { name: Ahead, settings: [{ rightFlowLps: 3 }] }\n  - { channel: b, name: Second }\n`;
    await writeFile(join(ahead, "well.yaml"), well);
    await writeFile(join(ahead, "baro.yaml"), `caudal-configuration: 1\nclient: default\ndevice: baro\nkeys:\n  - { key: p, variable: barometric_pressure, unit: hPa }\nfeeds:\n  - { key: p, point: ${pointIdOf("default", "7001")} }\n  - { key: p, point: ${point}, validFrom: 2024-01-01T00:00:00Z }\n`);
    await ok(["config", "apply", ahead, "--yes"]);
    assert.equal((await ok(["config", "diff", ahead])).out, "");
    const device = (await (await fetch(`${installations[0]?.url}/api/v1/points/${pointIdOf("default", "7001")}`)).json()) as { variables: readonly { variable: string; device: string }[] };
    assert.deepEqual(device.variables.map(({ variable, device: of }) => [variable, of]).sort(), [["barometric_pressure", "baro"], ["flow", "7001"]]);
    const { out, code } = await here(["config", "diff", tree("edited")]);
    assert.deepEqual([code, out.match(/only in the installation/g)?.length], [1, 2]);
    assert.match((await here(["config", "diff", join(tree("edited"), "default", "client.yaml")])).out, /^$/, "a file speaks for what it says alone");
    await rm(join(ahead, "baro.yaml"));
    await rm(join(ahead, "well.yaml"));
    await rm(join(ahead, "default", "meter.yaml"));
    const pruned = await ok(["config", "apply", ahead, "--prune", "--yes"]);
    assert.match(pruned.out, /2 removed, 0 in conflict/);
    assert.match((await ok(["config", "apply", ahead, "--prune", "--yes"])).out, /nothing to do/);
    const left = await here(["config", "diff", ahead, "--prune"]);
    assert.match(left.out, /default\/meter\n {2}· device {2}\(it has data; it stays\)/);
    assert.equal((await fetch(`${installations[0]?.url}/api/v1/points/${pointIdOf("default", "7001")}`)).status, 404);
    assert.equal((await fetch(`${installations[0]?.url}/api/v1/points/${point}`)).status, 200, "what has data is never deleted");
  });
});
