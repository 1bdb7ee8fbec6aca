import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

interface SendResult {
  readonly items: readonly { readonly status: string; readonly client?: string; readonly device?: string; readonly point?: string; readonly error?: { title?: string; detail?: string; next?: string } }[];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `flow=12.5` as key and value; text that is no number stays text, which the pipeline judges. */
function assignment(text: string, fail: () => Error): [string, number | string] {
  const at = text.indexOf("=");
  if (at < 1) throw fail();
  const value = text.slice(at + 1);
  return [text.slice(0, at), NUMBER.test(value.trim()) ? Number(value) : value];
}

export const send: Command = {
  name: "send",
  usage: "DEVICE KEY=VALUE [KEY=VALUE …] [--unit KEY=UNIT …] [--time TIME] [--client CLIENT]",
  spec: { values: ["--unit", "--time", "--client"], words: 1000 },
  async run({ arguments: { positionals, flags, all }, api, json, terminal, say, usageError }) {
    const [device, ...values] = positionals;
    if (device === undefined || values.length === 0) throw usageError(say("send.incomplete"));
    const pair = (text: string): [string, number | string] => assignment(text, () => usageError(say("send.bad-pair", { text })));
    const units = new Map(all("--unit").map(pair));
    const sensors = Object.fromEntries(values.map(pair).map(([key, value]) => [key, units.has(key) ? { value, unit: String(units.get(key)) } : { value }]));
    const unused = [...units.keys()].find((key) => !Object.hasOwn(sensors, key));
    if (unused !== undefined) throw usageError(say("send.unit-without-value", { key: unused }));
    const reading = { device_id: device, ...(flags["--time"] === undefined ? {} : { timestamp: flags["--time"] }), sensors };
    const query = flags["--client"] === undefined ? "" : `?client=${encodeURIComponent(flags["--client"])}`;
    const client = api();
    const { items } = await client.send<SendResult>("POST", `/api/v1/readings${query}`, { body: reading });
    const results = items.map((item) => ({ ...item, page: item.point === undefined ? undefined : new URL(`/points/${item.point}`, client.baseUrl).href }));
    if (json) terminal.json({ items: results });
    else for (const { page } of results) terminal.line(say("send.accepted", { page: terminal.paint("cyan", page ?? "") }));
    return exitCodes.ok;
  },
};
