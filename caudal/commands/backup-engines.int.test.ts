import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { systemScope, topics } from "@caudal/core";
import { BackupFolder } from "../../archiver/backup/backup-folder.ts";
import { backUp, documentsIn, factsIn, folderFor, PARTITIONS, restore, start } from "../../archiver/backup/test-installation.ts";
import { engineEnvironment, installationEngines } from "../../bench/promise/engine-environment.ts";
import { withEngines } from "../../tools/engines/for-tests.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { portsOf } from "../test-parts/ports-of.ts";

const DEVICES = ["w-1", "w-2"];
type Ports = Awaited<ReturnType<typeof portsOf>>;

withEngines(installationEngines, (urls) => {
  test("an installation moves from the embedded engine to servers and back by its backups, with digests, revisions, versions and offsets", { timeout: 250_000 }, async (context) => {
    const folder = await folderFor(context);
    const partitions = { CAUDAL_PARTITIONS: String(PARTITIONS) };
    const open: Ports[] = [];
    context.after(() => Promise.all(open.map((ports) => ports.close())));
    const opened = async (name: string, env: Readonly<Record<string, string>>): Promise<Ports> => {
      const ports = await portsOf(join(folder, name), { ...partitions, ...env });
      open.push(ports);
      return ports;
    };
    const embedded = await opened("a", {});
    const first = await start(embedded);
    for (let at = 0; at < 60; at += 1) for (const device of DEVICES) await first.send(device, [at * 60, { flow: at, level: at / 10 }]);
    await first.send("w-1", [60, { flow: 77 }]);
    await first.settled();
    await first.stop();
    const offsets = async ({ log }: Ports): Promise<unknown> => Promise.all(Object.values(topics).map(async (topic) => [
      topic, (await log.bounds(topic)).map(({ endOffset }) => endOffset), await Promise.all((await log.groups(topic)).map(async (group) => [group, (await log.lag(topic, group)).map(({ committedOffset }) => committedOffset)])),
    ]));
    const same = async (a: Ports, b: Ports): Promise<void> => {
      for (const device of DEVICES) for (const tier of ["hot", "warm", "cold"] as const) assert.deepEqual(await factsIn(b[tier], device), await factsIn(a[tier], device), `${device} in ${tier}`);
      assert.deepEqual(await documentsIn(b.documents), await documentsIn(a.documents));
      assert.deepEqual(await offsets(b), await offsets(a));
      assert.deepEqual(await b.archive.list(""), await a.archive.list(""));
    };

    const fromEmbedded = new BackupFolder(join(folder, "from-embedded"));
    await backUp(embedded, fromEmbedded);
    // A registry of its own: the ids of one that other tests use are taken in an order that nobody knows.
    const registry = await startEngine("registry");
    context.after(() => registry.stop());
    const servers = await opened("s", engineEnvironment({ ...urls, registry: registry.url }, `backup_${process.pid}`) as unknown as Record<string, string>);
    assert.deepEqual((await restore(fromEmbedded, servers)).differences, []);
    await same(embedded, servers);
    // The servers go on.
    const second = await start(servers);
    await second.send("w-2", [3600, { flow: 5 }], [3660, { flow: 6 }]);
    await second.settled();
    await second.stop();

    const fromServers = new BackupFolder(join(folder, "from-servers"));
    await backUp(servers, fromServers);
    const back = await opened("b", {});
    assert.deepEqual((await restore(fromServers, back)).differences, []);
    await same(servers, back);
    const points = await back.documents.collection<object>({ name: "points", tenant: true });
    assert.equal(await points.count(systemScope), 2);
  });
});
