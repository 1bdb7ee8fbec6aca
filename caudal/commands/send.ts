import { CaudalError } from "@caudal/core";
import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

interface SendResult {
  readonly items: readonly { readonly status: string; readonly client?: string; readonly device?: string; readonly point?: string; readonly error?: { title?: string; detail?: string } }[];
}

const USAGE = "DEVICE KEY=VALUE [KEY=VALUE …] [--unit KEY=UNIT] [--time TIME] [--client CLIENT]";

/** `flow=12.5` as key and value; text that is no number stays text, which the pipeline judges. */
function assignment(text: string): [string, number | string] {
  const at = text.indexOf("=");
  if (at < 1) throw new CaudalError("bad-request", `caudal send ${USAGE}`);
  const value = text.slice(at + 1);
  return [text.slice(0, at), value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}

export const send: Command = {
  name: "send",
  usage: USAGE,
  spec: { values: ["--unit", "--time", "--client"] },
  async run({ arguments: { positionals, flags }, api, json, terminal, say }) {
    const [device, ...values] = positionals;
    if (device === undefined || values.length === 0) throw new CaudalError("bad-request", `caudal send ${USAGE}`);
    const unit = flags["--unit"] === undefined ? undefined : assignment(flags["--unit"]);
    const sensors = values.map(assignment).map(([key, value]) => [key, unit?.[0] === key ? { value, unit: unit[1] } : { value }]);
    const reading = { device_id: device, ...(flags["--time"] === undefined ? {} : { timestamp: flags["--time"] }), sensors: Object.fromEntries(sensors) as Record<string, unknown> };
    const query = flags["--client"] === undefined ? "" : `?client=${encodeURIComponent(flags["--client"])}`;
    const client = api();
    const { items } = await client.send<SendResult>("POST", `/api/v1/readings${query}`, reading);
    const results = items.map((item) => ({ ...item, page: item.point === undefined ? undefined : new URL(`/points/${item.point}`, client.baseUrl).href }));
    if (json) terminal.json({ items: results });
    else for (const { page, error } of results) terminal.line(page === undefined ? say("send.refused", { why: error?.detail ?? error?.title ?? "" }) : say("send.accepted", { page }));
    return results.every((item) => item.status === "accepted") ? exitCodes.ok : exitCodes.finding;
  },
};
