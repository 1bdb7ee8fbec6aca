import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { machineLine } from "../../bench/harness/machine.ts";
import { isFlat, trendOf } from "./slope.ts";
import { figureOf, soak, type SoakResult } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" }, devices: { type: "string", default: "1000" }, "per-hour": { type: "string", default: "50000" }, seed: { type: "string", default: "soak" },
    report: { type: "string" }, json: { type: "string" },
  },
});
const minutes = Number(values.minutes);
/** Caches fill in the first third. */
const warmUpS = minutes * 20;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Each figure with how much it may grow after the warm-up, as a share of its mean. */
const figures = [
  { figure: "residentMb", name: "resident memory, MB", mayGrow: 0.1 },
  { figure: "handles", name: "open files and sockets", mayGrow: 0.1 },
  { figure: "lag", name: "records behind at most", mayGrow: 1 },
] as const;

function report(result: SoakResult): { readonly text: string; readonly ok: boolean } {
  const rows = figures.map(({ figure, name, mayGrow }) => {
    const looks = figureOf(result.looks, figure, warmUpS);
    const { first, last, highest, perHour } = trendOf(looks);
    const flat = isFlat(looks, mayGrow);
    return { flat, text: `| ${name} | ${first.toFixed(0)} | ${last.toFixed(0)} | ${highest.toFixed(0)} | ${perHour.toFixed(1)} | ${flat ? "flat" : "**grows**"} |` };
  });
  const { sent, acknowledged, asked, notAnswered, verdict } = result;
  const ok = verdict.ok && rows.every(({ flat }) => flat) && notAnswered === 0;
  const text = [
    `# Soak: ${minutes} minutes at half load`, "",
    `Made by \`node regression/soak/main.ts --minutes ${minutes}\` on ${machineLine()}. ${values.devices} devices send ${values["per-hour"]} readings an hour to \`caudal up\` on the embedded engine while people ask five times a second; the load generator shares the machine.`, "",
    `${acknowledged} of ${sent} messages acknowledged, ${asked} questions asked, ${notAnswered} not answered. The auditor: ${verdict.ok ? "nothing lost, nothing doubled, nothing else found" : JSON.stringify(verdict.findings)} in ${verdict.readings} readings (${JSON.stringify(verdict.outcomes)}).`, "",
    `After a warm-up of ${warmUpS / 60} minutes:`, "", "| figure | first | last | highest | growth an hour | |", "|---|---|---|---|---|---|", ...rows.map((row) => row.text), "",
  ].join("\n");
  return { text, ok };
}

const result = await soak({
  minutes, devices: Number(values.devices), readingsPerHour: Number(values["per-hour"]), seed: values.seed,
  onLook: ({ atS, residentMb, handles, lag, sent, unknown }) => print(`${Math.round(atS)} s of ${minutes * 60}: ${residentMb.toFixed(0)} MB, ${handles} handles, ${lag} behind, ${sent} sent, ${unknown} open`),
});
const { text, ok } = report(result);
print(text);
if (values.report !== undefined) await writeFile(values.report, text);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = ok ? 0 : 1;
