import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { captured, run } from "../test-parts/captured.ts";
import { runCommandLine } from "../commandline/run.ts";

interface Said {
  readonly url: string;
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly stored: number;
}

async function eventually<T>(find: () => T | undefined): Promise<T> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nothing came in time");
}

/** Plays the regulators while something is done, then stops them; what it said. */
async function played(flags: readonly string[], meanwhile: (said: Said) => Promise<void>): Promise<number> {
  const signals = new EventEmitter();
  const { terminal, out } = captured();
  const ended = runCommandLine(["sandbox", "dga", "--json", ...flags], { env: {}, terminal, envFile: "/nonexistent/.env", signals });
  const said = await eventually(() => (out().includes("}") ? (JSON.parse(out()) as Said) : undefined));
  await meanwhile(said).finally(() => signals.emit("SIGTERM"));
  return ended;
}

function post(base: string, password = "clave"): Promise<Response> {
  return fetch(`${base}/mediciones/subterraneas`, {
    method: "POST",
    headers: { "content-type": "application/json", "codigoObra": "OB-0602-7", "timeStampOrigen": "2026-06-11T13:00:30-0000" },
    body: JSON.stringify({ autenticacion: { password, rutEmpresa: "76543210-3", rutUsuario: "12345678-5" }, medicionSubterranea: { caudal: "1.00", fechaMedicion: "2026-06-11", horaMedicion: "13:00:00", nivelFreaticoDelPozo: "1.00", totalizador: "1" } }),
  });
}

test("plays the regulators until it is told to stop, and says how Caudal is pointed at it", async () => {
  const signals = new EventEmitter();
  const { terminal, out } = captured({ columns: 200 });
  const ended = runCommandLine(["sandbox", "dga", "--port", "0", "--seed", "one", "--latency", "1ms", "--quirk", "http-500=1", "--quirk", "sma:token-refused", "--lang", "es"], { env: {}, terminal, envFile: "/nonexistent/.env", signals });
  const base = await eventually(() => /CAUDAL_DGA_URL=(http:\/\/127\.0\.0\.1:\d+\/dga\/api\/v1)/.exec(out())?.[1]);
  assert.equal((await post(base)).status, 500);
  await eventually(() => (out().includes("1 peticiones") ? true : undefined));
  signals.emit("SIGINT");
  assert.equal(await ended, 0);
  assert.match(out(), /reguladores de prueba: http:\/\/127\.0\.0\.1:\d+\/ \(semilla one, 0 mediciones guardadas\)\s+se guarda en memoria.*\s+para que Caudal le envíe:\s+CAUDAL_DGA_MODE=sandbox\s/);
  await assert.rejects(post(base), "nothing listens any more");
});

test("with a folder it keeps what it has; with a file of works it knows who may send", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "caudal-sandbox-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const works = join(folder, "works.json");
  await writeFile(works, JSON.stringify([{ code: "OB-0602-7", centreRut: "76543210-3", informantRut: "12345678-5", password: "clave" }]));
  const flags = ["--data", folder, "--works", works, "--listen", "127.0.0.1:0"];
  assert.equal(await played(flags, async ({ baseUrls, stored }) => {
    assert.deepEqual([stored, (await post(baseUrls["dga"]!, "otra")).status, (await post(baseUrls["dga"]!)).status], [0, 400, 200]);
  }), 0);
  assert.equal(await played(flags, async ({ settings, stored }) => {
    assert.equal(stored, 1);
    assert.match(await (await post(settings["CAUDAL_DGA_URL"]!)).text(), /Ya existe un registro/);
  }), 0);
  const log = await readFile(join(folder, "regulator-sandbox", "requests.ndjson"), "utf8");
  assert.deepEqual(log.trim().split("\n").map((line) => (JSON.parse(line) as { outcome: string }).outcome), ["refused", "accepted", "duplicate"]);
  assert.ok(!log.includes("clave"));
});

test("flags that say nothing of use end with exit 2, a port that cannot be had with exit 3", async () => {
  for (const flags of [["--port", "x"], ["--port", "70000"], ["--listen", "here"], ["--latency", "soon"], ["--quirk", "nothing"], ["--quirk", "slow=2"], ["--works", "/nonexistent/works.json"]]) {
    const { code, error } = await run(["sandbox", "dga", ...flags]);
    assert.equal(code, 2, flags.join(" "));
    assert.match(error, /Usage: caudal sandbox dga/);
  }
  const { code, error } = await run(["sandbox", "dga", "--listen", "192.0.2.1:1"]);
  assert.equal(code, 3);
  assert.match(error, /another port with --port/);
  assert.match((await run(["sandbox", "dga", "--help"])).out, /stores-then-drops/);
});
