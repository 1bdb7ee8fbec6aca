import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { readEvents } from "../commandline/event-stream.ts";

interface LiveMeasurement {
  readonly client: string;
  readonly point: string;
  readonly time: string;
  readonly values: readonly { readonly variable: string; readonly unit: string; readonly value: number | null; readonly flag: number; readonly reasons: readonly string[] }[];
}

const SUSPECT = 3;
const BAD = 4;

function textOf({ time, point, values }: LiveMeasurement, { terminal, say }: CommandContext): string {
  const shown = values.map(({ variable, unit, value, flag, reasons }) => {
    const doubt = flag < SUSPECT ? "" : terminal.paint(flag === BAD ? "red" : "yellow", ` [${reasons.join(" ")}]`);
    return `${variable} ${value ?? say("cli.none")} ${unit}${doubt}`;
  });
  return `${terminal.paint("dim", time)}  ${point}  ${shown.join("  ")}`;
}

export const tail: Command = {
  name: "tail",
  usage: "[POINT …] [--count N]",
  spec: { values: ["--count"], words: 1000 },
  async run(context) {
    const { arguments: { positionals, flags }, api, json, terminal, say, signals, usageError } = context;
    const { "--count": count } = flags;
    if (count !== undefined && !/^[1-9]\d*$/.test(count)) throw usageError(say("tail.bad-count", { text: count }));
    const wanted = count === undefined ? Number.POSITIVE_INFINITY : Number(count);
    const stop = new AbortController();
    const cease = (): void => stop.abort();
    signals.once("SIGINT", cease).once("SIGTERM", cease);
    try {
      const query = positionals.length === 0 ? "" : `?points=${positionals.map(encodeURIComponent).join(",")}`;
      const client = api();
      // A point that is not there would be waited for for ever.
      for (const id of positionals) await client.get(`/api/v1/points/${encodeURIComponent(id)}`);
      let seen = 0;
      for await (const event of readEvents(await client.stream(`/api/v1/live${query}`, stop.signal))) {
        if (event.name !== "measurement") continue;
        const measurement = JSON.parse(event.data) as LiveMeasurement;
        if (json) terminal.json({ id: event.id, ...measurement });
        else terminal.line(textOf(measurement, context));
        seen += 1;
        if (seen >= wanted) return exitCodes.ok;
      }
      throw new CommandFailure("unavailable", say("tail.ended", { url: client.baseUrl }), { next: say("cli.nothing-answers.next") });
    } catch (error) {
      if (stop.signal.aborted) return exitCodes.ok;
      // A connection that breaks off in the middle is the installation's end too.
      if (error instanceof TypeError) throw new CommandFailure("unavailable", say("tail.ended", { url: api().baseUrl }), { next: say("cli.nothing-answers.next"), cause: error });
      throw error;
    } finally {
      stop.abort();
      signals.off("SIGINT", cease).off("SIGTERM", cease);
    }
  },
};
