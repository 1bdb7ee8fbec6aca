import { stat } from "node:fs/promises";
import type { CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { treeTarget, type ExportTarget } from "./export-tree.ts";
import { named } from "./glob.ts";
import { clientNames, heldOf } from "./plan.ts";
import { progress } from "./progress.ts";
import { readFiles } from "./read-files.ts";
import { givenFiles } from "./yaml-files.ts";
import { yamlOf } from "./yaml-text.ts";

/** Writes what the installation has as documents of YAML, a page at a time: clients by id, then devices by id. */
export async function exportConfiguration(context: CommandContext): Promise<number> {
  const { arguments: { flags }, json, terminal, say } = context;
  const { "--client": client, "--to": to = "-", "--point": glob } = flags;
  const includes = named(glob);
  const tree = to === "-" ? undefined : treeTarget(to);
  const target = tree ?? streamTarget(context);
  const line = progress(context);
  const names = await clientNames(context.api());
  if (client !== undefined && !names.has(client)) throw new CommandFailure("not-found", say("config.no-client", { client }), { next: say("config.no-client.next") });
  const wanted = [...names].filter(([id]) => client === undefined || id === client).sort(([a], [b]) => (a < b ? -1 : 1));
  if (glob === undefined) for (const [id, name] of wanted) await target.write({ client: id, name });
  let [done, devices] = [0, 0];
  for await (const { document } of heldOf(context.api(), client)) {
    done++;
    if (!includes(document)) continue;
    await target.write(document);
    devices++;
    if (tree !== undefined) line(say("config.exporting"), done, done);
  }
  terminal.status("");
  if (tree === undefined) return exitCodes.ok;
  const { written, same, files } = tree.counts();
  const stale = glob === undefined ? await staleFiles(to, files, context) : [];
  if (json) terminal.json({ devices, files: files.size, written, same, stale });
  else {
    terminal.line(say("config.exported", { devices, written, same, folder: to }));
    for (const path of stale) terminal.complain(say("config.stale", { path }));
  }
  return exitCodes.ok;
}

function streamTarget({ terminal, json }: CommandContext): ExportTarget {
  let isFirst = true;
  return {
    write: async (stated) => {
      if (json) terminal.json(stated);
      else terminal.line(`${isFirst ? "" : "---\n"}${yamlOf(stated).trimEnd()}`);
      isFirst = false;
    },
  };
}

/** Files of these clients' devices that are not there any more: told, never removed. */
async function staleFiles(folder: string, written: ReadonlySet<string>, context: CommandContext): Promise<readonly string[]> {
  const isFolder = await stat(folder).then((found) => found.isDirectory(), () => false);
  if (!isFolder || written.size === 0) return [];
  const { files } = await givenFiles([folder], context.say);
  const others = files.filter((path) => !written.has(path));
  const { devices } = await readFiles(others, context);
  const { "--client": client } = context.arguments.flags;
  return devices.filter((file) => client === undefined || file.client === client).map(({ source }) => source.file);
}
