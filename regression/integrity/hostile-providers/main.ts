import { parseArgs } from "node:util";
import { startServers } from "../kill-runs/fleet-installation.ts";
import { hostileDay, ofEach } from "./hostile-day.ts";
import { isWhole, reportText, summaryOf, writeReport } from "./report.ts";

const USAGE = "node regression/integrity/hostile-providers/main.ts [--hours 24] [--devices 1] [--every 600] [--seed NAME] [--engines] [--report] [--verdicts FILE]";

interface Asked {
  readonly hours: string;
  readonly devices: string;
  readonly every: string;
  readonly seed: string;
  readonly engines: boolean;
  readonly report: boolean;
  readonly verdicts?: string | undefined;
}

function asked(): Asked | string {
  try {
    return parseArgs({
      options: {
        hours: { type: "string", default: "24" }, devices: { type: "string", default: "1" }, every: { type: "string", default: "600" }, seed: { type: "string", default: "hostile" },
        engines: { type: "boolean", default: false }, report: { type: "boolean", default: false }, verdicts: { type: "string" },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs hostile hours by hand, as long and as large as one likes, embedded or on servers of its own. Exit code 0: nothing found; 1: findings; 2: usage. */
async function main(): Promise<number> {
  const values = asked();
  if (typeof values === "string") {
    console.error(`${values}\n${USAGE}`);
    return 2;
  }
  const [hours, devices, every] = [values.hours, values.devices, values.every].map(Number) as [number, number, number];
  if (![hours, devices, every].every((number) => Number.isSafeInteger(number) && number > 0) || every < 30) {
    console.error(USAGE);
    return 2;
  }
  const servers = values.engines ? await startServers() : undefined;
  try {
    const day = await hostileDay({
      seed: values.seed, hours, devices: ofEach(devices), everyMs: every * 1000, progress: (done) => console.error(done),
      ...(servers === undefined ? {} : { urls: servers.urls }), ...(values.verdicts === undefined ? {} : { verdictsFile: values.verdicts }),
    });
    const command = `node regression/integrity/hostile-providers/main.ts --hours ${hours} --devices ${devices} --seed ${values.seed}${values.engines ? " --engines" : ""}`;
    const summary = summaryOf(day, { mode: values.engines ? "engines" : "embedded", command, hours, devices, everyS: every });
    if (values.report) writeReport(import.meta.dirname, summary);
    console.log(reportText([summary]));
    for (const example of summary.examples) console.log(JSON.stringify(example));
    return isWhole(day) ? 0 : 1;
  } finally {
    await servers?.stop();
  }
}

process.exitCode = await main();
