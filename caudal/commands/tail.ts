import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { readEvents } from "../commandline/event-stream.ts";

interface LiveMeasurement {
  readonly client: string;
  readonly point: string;
  readonly time: string;
  readonly values: readonly { readonly variable: string; readonly unit: string; readonly value: number | null; readonly flag: number; readonly reasons: readonly string[] }[];
}

export const tail: Command = {
  name: "tail",
  usage: "[POINT …] [--count N]",
  spec: { values: ["--count"] },
  async run({ arguments: { positionals, flags }, api, json, terminal, say }) {
    const stop = new AbortController();
    const cease = (): void => stop.abort();
    process.once("SIGINT", cease).once("SIGTERM", cease);
    const wanted = Number(flags["--count"] ?? Number.POSITIVE_INFINITY);
    const query = positionals.length === 0 ? "" : `?points=${positionals.map(encodeURIComponent).join(",")}`;
    const response = await api().stream(`/api/v1/live${query}`, stop.signal);
    let seen = 0;
    try {
      for await (const event of readEvents(response)) {
        if (event.name !== "measurement") continue;
        const measurement = JSON.parse(event.data) as LiveMeasurement;
        if (json) terminal.json({ id: event.id, ...measurement });
        else {
          const values = measurement.values.map(({ variable, unit, value, flag, reasons }) =>
            `${variable} ${value ?? say("cli.none")} ${unit}${flag > 1 ? terminal.paint(flag === 4 ? "red" : "yellow", ` [${reasons.join(" ")}]`) : ""}`);
          terminal.line(`${terminal.paint("dim", measurement.time)}  ${measurement.point}  ${values.join("  ")}`);
        }
        seen += 1;
        if (seen >= wanted) break;
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      stop.abort();
      process.off("SIGINT", cease).off("SIGTERM", cease);
    }
    return exitCodes.ok;
  },
};
