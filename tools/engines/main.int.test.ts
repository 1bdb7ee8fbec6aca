import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { withEngine } from "./for-tests.ts";
import { freePort } from "./free-ports.ts";
import { identify } from "./process-identity.ts";
import { tcpExchange } from "./tcp-exchange.ts";

let folder: string;

/** `npm run engines -- …` without npm. */
async function engines(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...args, "--folder", folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => void (printed.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (printed.stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...printed };
}

withEngine("redis", () => describe("the engines command", () => {
  let port: number;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "caudal-engines-"));
    port = await freePort();
  });
  after(async () => {
    await engines("down");
    rmSync(folder, { recursive: true, force: true });
  });

  test("starts servers that go on after it, shows them, their logs, and stops them", async () => {
    const none = await engines("status");
    assert.match(none.stdout, /none was started yet/);

    const up = await engines("up", "redis", "--port", `redis=${port}`, "--nodes", "3");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.match(up.stdout, /redis: one node; 3 are for engines that copy data/);
    assert.match(up.stdout, new RegExp(`redis: ready in [\\d.]+ s at redis://127\\.0\\.0\\.1:${port} \\(pid \\d+`));
    assert.match(up.stdout, new RegExp(`CAUDAL_HOT='redis://127\\.0\\.0\\.1:${port}'`));
    assert.equal((await tcpExchange({ host: "127.0.0.1", port, send: Buffer.from("PING\r\n") })).toString(), "+PONG\r\n");

    const again = await engines("up", "redis");
    assert.match(again.stdout, /redis: runs already/);

    const status = await engines("status", "--json");
    const { nodes, settings } = JSON.parse(status.stdout) as { nodes: { pid: number; running: boolean; port: number; residentMb: number; upSeconds: number }[]; settings: object };
    const [node = assert.fail("one server")] = nodes;
    assert.deepEqual([node.running, node.port, Object.keys(settings)], [true, port, ["CAUDAL_HOT", "CAUDAL_LIVE"]]);
    assert.ok(node.residentMb > 0 && node.upSeconds >= 0 && identify(node.pid));

    assert.match((await engines("logs", "redis", "--lines", "5")).stdout, /== redis 1: .*server\.log\n/);

    assert.match((await engines("down", "redis")).stdout, /redis: stopped in/);
    assert.equal(identify(node.pid), undefined);
    assert.match((await engines("status")).stdout, /redis\s+down/);
    assert.match((await engines("down")).stdout, /nothing of these runs/);
  });

  test("names the option that helps when the port is taken", async () => {
    const other = await engines("up", "redis", "--port", `redis=${port}`);
    assert.equal(other.code, 0, other.stdout);
    const main = folder;
    folder = join(main, "second");
    const taken = await engines("up", "redis", "--json", "--port", `redis=${port}`);
    folder = main;
    assert.equal(taken.code, 1);
    const { engines: [result] } = JSON.parse(taken.stdout) as { engines: { failure: string }[] };
    assert.match(result?.failure ?? "", new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken\\..*--port redis=\\d+`));
  });

  test("says how it is used when it is not understood", async () => {
    const { code, stderr } = await engines("sideways");
    assert.equal(code, 2);
    assert.match(stderr, /"sideways" is none of up, down, status, logs\nnpm run engines -- /);
  });
}));
