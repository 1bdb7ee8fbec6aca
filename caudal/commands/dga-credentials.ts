import { readFile } from "node:fs/promises";
import type { Command, CommandContext } from "../commandline/command.ts";
import { CommandFailure } from "../commandline/command-failure.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { hiddenLine } from "../commandline/hidden-line.ts";
import { listQuery, pagingFlags, printPage, type ListPage } from "../commandline/listing.ts";
import { COMPLIANCE, namedVerb } from "./dga-named.ts";

interface Credential {
  readonly regulator: string;
  readonly user: string;
  readonly setBy: string;
  readonly setAt: string;
  readonly readable: boolean;
}

/** A password is never an argument: those stand in the shell's history and in the list of processes. */
export const dgaCredentials: Command = {
  name: "dga credentials",
  usage: "[ls | set REGULATOR USER [--password-file FILE] | forget REGULATOR USER]",
  spec: { values: ["--password-file", ...pagingFlags], words: 3 },
  async run(context) {
    const { api, json, terminal, say, usageError, arguments: { positionals: [word, regulator, user], flags } } = context;
    const verb = namedVerb(word, ["ls", "set", "forget"], context);
    if (verb === "ls") {
      const page = await api().get<ListPage<Credential>>(`${COMPLIANCE}/credentials${listQuery(flags, [])}`);
      printPage(context, page, ({ regulator: of, user: who, setBy, setAt, readable }) => [of, who, setAt, setBy, readable ? "" : say("dga.unreadable")]);
      return exitCodes.ok;
    }
    if (regulator === undefined || user === undefined) throw usageError(say("dga.credentials-missing"));
    const path = `${COMPLIANCE}/credentials/${encodeURIComponent(regulator)}/${encodeURIComponent(user)}`;
    if (verb === "set") await api().send("PUT", path, { body: { password: await givenPassword(context, { regulator, user }) } });
    else await api().send("DELETE", path);
    if (json) terminal.json({ regulator, user, held: verb === "set" });
    else terminal.line(say(verb === "set" ? "dga.credentials-set" : "dga.credentials-forgotten", { regulator, user }));
    return exitCodes.ok;
  },
};

/** From a file, from what is piped in, or typed where somebody sits; without the line's end. */
async function givenPassword({ arguments: { flags }, input, terminal, say }: CommandContext, whose: { readonly regulator: string; readonly user: string }): Promise<string> {
  const file = flags["--password-file"];
  const text = file === undefined ? await hiddenLine(input(), { ask: () => terminal.complain(say("dga.password-prompt", whose)) }) : await readFile(file, "utf8");
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw new CommandFailure("bad-request", say("dga.password-empty"), { next: say("dga.password-empty.next") });
  return password;
}
