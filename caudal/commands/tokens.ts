import { TokenStore } from "@caudal/business";
import { CaudalError, roles, systemScope, type Principal, type Role } from "@caudal/core";
import { systemClock } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";
import { openEmbeddedDocumentsOf } from "../composition/engines.ts";

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly clients: "all" | readonly string[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

interface TokenDesk {
  create(wanted: { name: string; role: Role; clients: "all" | readonly string[] }): Promise<TokenRow & { token: string }>;
  list(): Promise<readonly TokenRow[]>;
  revoke(id: string): Promise<TokenRow>;
}

const byHand: Principal = { name: "command line", role: "admin", scope: systemScope };

/** Through the running installation where there is one; else on the data folder itself, which is how the first token is made. */
async function withDesk<T>(context: CommandContext, work: (desk: TokenDesk) => Promise<T>): Promise<T> {
  if (context.running !== undefined) {
    const api = context.api();
    return work({
      create: (wanted) => api.send("POST", "/api/v1/tokens", wanted),
      list: async () => (await api.get<{ items: TokenRow[] }>("/api/v1/tokens")).items,
      revoke: (id) => api.send("DELETE", `/api/v1/tokens/${encodeURIComponent(id)}`),
    });
  }
  const documents = await openEmbeddedDocumentsOf(context.dataDirectory);
  try {
    const store = await TokenStore.open(documents, () => systemClock.nowUs());
    const row = ({ createdAtUs, revokedAtUs, ...view }: Awaited<ReturnType<TokenStore["list"]>>[number]): TokenRow =>
      ({ ...view, createdAt: new Date(createdAtUs / 1000).toISOString(), revokedAt: revokedAtUs === null ? null : new Date(revokedAtUs / 1000).toISOString() });
    return await work({
      create: async (wanted) => {
        const { token, view } = await store.create({ ...wanted, createdBy: byHand.name });
        return { ...row(view), token };
      },
      list: async () => (await store.list()).map(row),
      revoke: async (id) => row(await store.revoke(id)),
    });
  } finally {
    await documents.close();
  }
}

const CREATE_USAGE = `--name NAME --role ${roles.join("|")} --client all|CLIENT[,CLIENT…]`;

export const tokensCreate: Command = {
  name: "tokens create",
  usage: CREATE_USAGE,
  spec: { values: ["--name", "--role", "--client"] },
  async run(context) {
    const { "--name": name, "--role": asked, "--client": clients } = context.arguments.flags;
    const role = roles.find((known) => known === asked);
    if (name === undefined || role === undefined || clients === undefined) throw new CaudalError("bad-request", `caudal tokens create ${CREATE_USAGE}`);
    const made = await withDesk(context, (desk) => desk.create({ name, role, clients: clients === "all" ? "all" : clients.split(",").map((client) => client.trim()) }));
    if (context.json) context.terminal.json(made);
    else context.terminal.line(context.say("tokens.created", { token: made.token }));
    return exitCodes.ok;
  },
};

export const tokensLs: Command = {
  name: "tokens ls",
  usage: "",
  async run(context) {
    const items = await withDesk(context, (desk) => desk.list());
    const { json, terminal, say } = context;
    if (json) terminal.json({ items, next: null });
    else if (items.length === 0) terminal.line(say("cli.none"));
    else terminal.table(items.map(({ id, name, role, clients, createdAt, revokedAt }) => [id, name, role, clients === "all" ? clients : clients.join(","), createdAt, revokedAt ?? ""]));
    return exitCodes.ok;
  },
};

export const tokensRevoke: Command = {
  name: "tokens revoke",
  usage: "ID|NAME",
  async run(context) {
    const [id] = context.arguments.positionals;
    if (id === undefined) throw new CaudalError("bad-request", "caudal tokens revoke ID|NAME");
    const revoked = await withDesk(context, (desk) => desk.revoke(id));
    if (context.json) context.terminal.json(revoked);
    else context.terminal.line(context.say("tokens.revoked", { name: revoked.name }));
    return exitCodes.ok;
  },
};
