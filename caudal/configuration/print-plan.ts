import type { CommandContext } from "../commandline/command.ts";
import { plain } from "../commandline/plain.ts";
import type { Style } from "../commandline/terminal.ts";
import type { Change } from "./change.ts";
import type { Plan } from "./plan.ts";
import { pathText, placeText, type Told } from "./told.ts";

type Printing = Pick<CommandContext, "terminal" | "say">;

const marks: Record<Change["kind"], readonly [string, Style]> = { added: ["+", "green"], changed: ["~", "yellow"], removed: ["-", "red"], "only-here": ["·", "dim"], kept: ["·", "dim"] };

/** What applying would make, and what the installation alone has. Nothing where there is no difference. */
export function printPlan({ clients, devices, onlyHere }: Plan, prune: boolean, { terminal, say }: Printing): void {
  for (const { file: { stated }, seen } of clients) {
    terminal.line(terminal.paint("bold", stated.client));
    printChange({ kind: seen === null ? "added" : "changed", field: "name", before: seen ?? undefined, after: stated.name }, { terminal, say });
  }
  for (const { file, stated, changes } of devices) {
    terminal.line(`${terminal.paint("bold", plain(`${stated.client}/${stated.device}`))}  ${terminal.paint("dim", file.source.file)}`);
    for (const change of changes) printChange(change, { terminal, say });
  }
  for (const { client, device, heard } of onlyHere) {
    terminal.line(terminal.paint("bold", plain(`${client}/${device}`)));
    printChange({ kind: prune ? (heard ? "kept" : "removed") : "only-here", field: "device" }, { terminal, say });
  }
}

export function printChange({ kind, field, before, after }: Change, { terminal, say }: Printing): void {
  const [mark, style] = marks[kind];
  const values = [before, after].filter((value) => value !== undefined).map(shown).join(" → ");
  const why = kind === "only-here" ? `  (${say("config.only-here")})` : kind === "kept" ? `  (${say("config.kept")})` : "";
  terminal.line(terminal.paint(style, `  ${mark} ${plain(field)}${values === "" ? "" : `  ${plain(values)}`}${why}`));
}

/** What is wrong with the files: where, which field, what, and what to do. */
export function printTold(told: readonly Told[], { terminal }: Printing): void {
  for (const { place, path, detail, next } of told) {
    terminal.complain(`${terminal.paint("red", "✗")} ${plain(placeText(place))}: ${path.length === 0 ? "" : `${plain(pathText(path))}: `}${plain(detail)}`);
    terminal.complain(terminal.paint("dim", `  → ${plain(next)}`));
  }
}

/** The plan as programs read it. */
export function planJson({ clients, devices, onlyHere, equal }: Plan): object {
  return {
    equal,
    clients: clients.map(({ file: { stated }, seen }) => ({ client: stated.client, before: seen, after: stated.name })),
    devices: devices.map(({ file, stated, changes }) => ({ client: stated.client, device: stated.device, file: file.source.file, changes })),
    onlyHere: onlyHere.map(({ client, device, heard }) => ({ client, device, heard })),
  };
}

export function toldJson(told: readonly Told[]): object[] {
  return told.map(({ place, path, detail, next }) => ({ ...place, field: pathText(path), detail, next }));
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
