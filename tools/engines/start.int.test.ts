import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { EngineFailure } from "./failure.ts";
import { withEngine } from "./for-tests.ts";
import { freePort, portIsFree } from "./free-ports.ts";
import { identify } from "./process-identity.ts";
import { startEngine } from "./start.ts";
import { tcpExchange } from "./tcp-exchange.ts";

const send = { redis: Buffer.from("PING\r\n"), mosquitto: Buffer.from("100c00044d5154540402000a0000", "hex") };

for (const name of ["redis", "mosquitto"] as const) {
  withEngine(name, () => describe(`a private ${name}`, () => lifeOf(name)));
}

function lifeOf(name: "redis" | "mosquitto"): void {
  test("is killed, started, stopped, paused and resumed, always on the same port", async () => {
    const engine = await startEngine(name);
    const [node = assert.fail("one node")] = engine.nodes;
    const ask = (limitMs = 1_000) => tcpExchange({ host: node.host, port: node.port, send: send[name], limitMs });
    try {
      assert.ok(engine.url.endsWith(`://127.0.0.1:${node.port}`));
      assert.ok((await ask()).length > 0);
      const first = node.pid ?? assert.fail("it runs");
      await node.kill();
      assert.deepEqual([node.pid, identify(first)], [undefined, undefined]);
      await assert.rejects(ask());
      await node.start();
      assert.notEqual(node.pid, first);
      await node.start();
      await node.stop();
      assert.equal(node.pid, undefined);
      await node.stop();
      await node.start();
      await node.pause();
      await assert.rejects(ask(200), /did not answer within 200 ms/);
      node.resume();
      assert.ok((await ask()).length > 0);
    } finally {
      await engine.stop();
    }
    assert.equal(node.pid, undefined);
    assert.equal(existsSync(node.folder), false, "its temporary folder goes with it");
    assert.ok(await portIsFree(node.port));
  });
}

withEngine("redis", () => describe("starting an engine", () => {
  test("in a folder keeps the data, and on a given port takes that one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "caudal-engines-"));
    try {
      const port = await freePort();
      const options = { folder, ports: [port] };
      const ask = async (command: string) => (await tcpExchange({ host: "127.0.0.1", port, send: Buffer.from(`${command}\r\n`) })).toString();
      const first = await startEngine("redis", options);
      assert.equal(await ask("SET level 3"), "+OK\r\n");
      await first.stop();
      const second = await startEngine("redis", options);
      assert.equal(await ask("GET level"), "$1\r\n3\r\n");
      await second.stop();
      assert.match(readFileSync(join(folder, "node-1", "server.log"), "utf8"), /Ready to accept connections/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("fails with the end of the server's log when it does not start, and leaves nothing", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    try {
      await assert.rejects(startEngine("redis", { ports: [port] }), (error) => {
        assert.ok(error instanceof EngineFailure);
        assert.match(error.message, /ended while it started[\s\S]*(in use|bind)/i);
        const [, log = ""] = /its log (\S+):/.exec(error.message) ?? [];
        assert.equal(existsSync(dirname(log)), false);
        return true;
      });
    } finally {
      taken.close();
    }
  });

  test("in a process that ends without stopping it leaves neither server nor folder", async () => {
    const start = pathToFileURL(join(import.meta.dirname, "start.ts")).href;
    const code = `const { startEngine } = await import(${JSON.stringify(start)});
      const [{ pid, folder }] = (await startEngine("redis")).nodes;
      process.stdout.write(JSON.stringify({ pid, folder }), () => process.exit(0));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code]);
    const { pid, folder } = JSON.parse(stdout) as { pid: number; folder: string };
    assert.equal(identify(pid), undefined);
    assert.equal(existsSync(folder), false);
  });

  test("refuses numbers of nodes that the engine does not run with", async () => {
    await assert.rejects(startEngine("redis", { nodes: 3 }), /redis runs with 1 nodes here, not 3/);
  });
}));
