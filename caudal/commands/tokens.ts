import { roles, systemScope, type Principal, type Role } from "@caudal/core";
import { silentLogger } from "@caudal/runtime";
import type { Command, CommandContext } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly clients: "all" | readonly string[];
  readonly devices?: readonly string[] | undefined;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

interface TokenDesk {
  create(wanted: { name: string; role: Role; clients: "all" | readonly string[]; devices?: readonly string[] }): Promise<TokenRow & { token: string }>;
  list(): Promise<readonly TokenRow[]>;
  revoke(id: string): Promise<TokenRow>;
}

const byHand: Principal = { name: "command line", role: "admin", scope: systemScope };

/** Through the running installation where there is one; else on the documents themselves (data folder or server), which is how the first token is made. */
async function withDesk<T>(context: CommandContext, work: (desk: TokenDesk) => Promise<T>): Promise<T> {
  if (context.reachable) {
    const api = context.api();
    return work({
      create: (wanted) => api.send("POST", "/api/v1/tokens", { body: wanted }),
      list: async () => (await api.get<{ items: TokenRow[] }>("/api/v1/tokens")).items,
      revoke: (id) => api.send("DELETE", `/api/v1/tokens/${encodeURIComponent(id)}`),
    });
  }
  const [{ TokenStore }, { openPorts }, { parseAllSettings }] = await Promise.all([
    import("@caudal/business"), import("../composition/open-ports.ts"), import("../composition/all-settings.ts"),
  ]);
  const { env, arguments: { flags }, dataDirectory } = context;
  const { choices, installation } = parseAllSettings({ env, flags });
  const ports = await openPorts(["documents"], { dataDirectory, choices, settings: installation, logger: silentLogger });
  try {
    const store = await TokenStore.open(ports.documents, () => Date.now() * 1000);
    const row = ({ createdAtUs, revokedAtUs, ...view }: Awaited<ReturnType<typeof store.list>>[number]): TokenRow =>
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
    await ports.close();
  }
}

/** `all`, or clients between commas, each written as a client is. */
async function clientsOf(written: string, { say, usageError }: CommandContext): Promise<"all" | readonly string[]> {
  if (written === "all") return "all";
  const clients = written.split(",").map((client) => client.trim());
  const { isClientId } = await import("@caudal/collector");
  const wrong = clients.find((client) => !isClientId(client));
  if (wrong !== undefined) throw usageError(say("tokens.bad-client", { client: wrong }));
  return clients;
}

export const tokensCreate: Command = {
  name: "tokens create",
  usage: `--name NAME --role ${roles.join("|")} --client all|CLIENT[,CLIENT…] [--device DEVICE|PREFIX*[,…]]`,
  spec: { values: ["--name", "--role", "--client", "--device"] },
  async run(context) {
    const { arguments: { flags }, json, terminal, say, usageError } = context;
    const { "--name": name = "", "--role": asked, "--client": written } = flags;
    const role = roles.find((known) => known === asked);
    if (name.trim() === "" || role === undefined || written === undefined) throw usageError(say("tokens.incomplete"));
    const devices = flags["--device"]?.split(",").map((device) => device.trim()).filter((device) => device !== "");
    if (devices !== undefined && role !== "device") throw usageError(say("tokens.devices-of-device"));
    const clients = await clientsOf(written, context);
    const made = await withDesk(context, (desk) => desk.create({ name, role, clients, ...(devices === undefined ? {} : { devices }) }));
    if (json) terminal.json(made);
    else terminal.line(say("tokens.created", { token: made.token }));
    return exitCodes.ok;
  },
};

export const tokensLs: Command = {
  name: "tokens ls",
  usage: "",
  spec: {},
  async run(context) {
    const items = await withDesk(context, (desk) => desk.list());
    const { json, terminal, say } = context;
    if (json) terminal.json({ items, next: null });
    else if (items.length === 0) terminal.line(say("cli.none"));
    else terminal.table(items.map(({ id, name, role, clients, devices, createdAt, revokedAt }) => [id, name, role, `${clients === "all" ? clients : clients.join(",")}${devices === undefined ? "" : `/${devices.join(",")}`}`, createdAt, revokedAt === null ? "" : say("tokens.revoked-at", { time: revokedAt })]));
    return exitCodes.ok;
  },
};

export const tokensRevoke: Command = {
  name: "tokens revoke",
  usage: "ID|NAME",
  spec: { words: 1 },
  async run(context) {
    const { arguments: { positionals: [id] }, json, terminal, say, usageError } = context;
    if (id === undefined) throw usageError(say("tokens.id-missing"));
    const revoked = await withDesk(context, (desk) => desk.revoke(id));
    if (json) terminal.json(revoked);
    else terminal.line(say("tokens.revoked", { name: revoked.name }));
    return exitCodes.ok;
  },
};
