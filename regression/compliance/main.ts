import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { engineUrl } from "../../tools/engines/for-tests.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { takeOver } from "../simulation/time/take-over.ts";
import { isGood, reportOf, storeNames, withSection, type StoreName } from "./report.ts";
import type { OpenStores } from "./stores.ts";

/** Fewer slots are a try, and not worth the figures of the repository. */
const reported = { simulated: { works: 50, days: 365 }, embedded: { works: 10, days: 7 }, mongo: { works: 10, days: 7 } } as const;
const MOST_DAYS = 730;
const MOST_WORKS = 200;
const MOST_ENDS = 100;
const usage = "node regression/compliance/main.ts [--store simulated|embedded|mongo] [--seed caudal] [--works 50] [--days 365] [--drain 12] [--ends 4] [--report FILE] [--json]\n";

/** 0: nothing found. 1: something was. 2: usage. */
async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ options: { store: { type: "string", default: "simulated" }, drain: { type: "string", default: "12" }, ends: { type: "string", default: "4" }, seed: { type: "string", default: "caudal" }, works: { type: "string", default: "50" }, days: { type: "string", default: "365" }, report: { type: "string" }, json: { type: "boolean", default: false } } }));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 2;
  }
  const { seed } = values;
  const [works, days, drainDays, ends] = [Number(values.works), Number(values.days), Number(values.drain), Number(values.ends)];
  const store = storeNames.find((name) => name === values.store);
  if (store === undefined || !Number.isInteger(drainDays) || drainDays < 1 || !Number.isInteger(ends) || ends < 1 || ends > MOST_ENDS || !Number.isInteger(works) || works < 1 || works > MOST_WORKS || !Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    process.stderr.write(`--works is 1 to ${MOST_WORKS}, --days 1 to ${MOST_DAYS}, --drain at least 1, --ends 1 to ${MOST_ENDS}\n${usage}`);
    return 2;
  }
  const real = process.hrtime.bind(process);
  const beganNs = real();
  takeOver();
  const { runYear } = await import("./run-year.ts");
  const { openCodec } = await import("../simulation/run/services.ts");
  const { place, openStores, remove } = await storesOf(store);
  const tookS = (): number => {
    const [seconds, nanos] = real(beganNs);
    return seconds + nanos / 1e9;
  };
  const year = await runYear({ seed, works, days, drainDays, ends, openStores, codec: await openCodec(), onDay: (day) => {
    if (!process.stderr.isTTY && day % 30 !== 0) return;
    const all = days + drainDays;
    process.stderr.write(`${process.stderr.isTTY ? "\r" : ""}day ${day + 1}/${all}, ${((day + 1) / tookS()).toFixed(1)} days/s, ${Math.ceil((tookS() / (day + 1)) * (all - day - 1))} s left   ${process.stderr.isTTY ? "" : "\n"}`);
  } }).finally(remove);
  if (process.stderr.isTTY) process.stderr.write("\n");
  const command = `node regression/compliance/main.ts${place} --seed ${seed} --works ${works} --days ${days}${drainDays === 12 ? "" : ` --drain ${drainDays}`}${ends === 4 ? "" : ` --ends ${ends}`}`;
  const report = values.report ?? (works >= reported[store].works && days >= reported[store].days ? join(import.meta.dirname, "REPORT.md") : undefined);
  if (report !== undefined) await writeFile(report, withSection(await readFile(report, "utf8").catch(() => ""), store, reportOf(year, { store, command, seed, works, days, drainDays, tookS: tookS() })));
  const { verdict, flipped, run } = year;
  const shown = { good: isGood(year), findings: verdict.findings, faults: run.faults, figures: verdict.figures, standings: verdict.standings, flipped, tookS: tookS() };
  if (values.json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else {
    process.stdout.write(`${shown.good ? "nothing found" : `${verdict.findings.length} findings, ${run.faults.length} faults`}: ${verdict.figures["slots"] ?? 0} slots, ${verdict.figures["POSTs"] ?? 0} POSTs, ${verdict.figures["ledger entries"] ?? 0} entries, ${tookS().toFixed(0)} s\n`);
    for (const { violation, detail } of verdict.findings.slice(0, 20)) process.stdout.write(`${violation}: ${detail}\n`);
    for (const fault of run.faults.slice(0, 5)) process.stdout.write(`fault: ${fault}\n`);
  }
  return shown.good ? 0 : 1;
}

/** The stores that were asked for, and how to let go of them; a MongoDB of one's own where the environment names none. */
async function storesOf(store: StoreName): Promise<{ readonly place: string; readonly openStores: OpenStores; readonly remove: () => Promise<void> }> {
  if (store === "simulated") return { place: "", openStores: (await import("./stores.ts")).openSimulatedStores, remove: async () => undefined };
  const { embeddedEngine, engineStores, mongoEngine } = await import("./engine-stores.ts");
  const given = store === "mongo" ? engineUrl("mongo") : undefined;
  const own = store === "mongo" && given === undefined ? await startEngine("mongo") : undefined;
  const engine = store === "embedded" ? await embeddedEngine() : mongoEngine(given ?? own!.url);
  return {
    place: ` --store ${store}`, openStores: engineStores(engine),
    remove: async () => {
      await engine.remove();
      await own?.stop();
    },
  };
}

process.exitCode = await main();
