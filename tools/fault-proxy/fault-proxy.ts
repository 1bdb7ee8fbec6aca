import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Connection, type Look, type ProxiedConnection } from "./connection.ts";
import type { Fault } from "./fault.ts";

export interface FaultProxyOptions {
  /** The server behind. */
  readonly target: { readonly host: string; readonly port: number };
  /** Address of ours on loopback; 127.0.0.1 unless said. */
  readonly host?: string;
  /** Port of ours; 0, a free one, unless said. */
  readonly port?: number;
  /** Sees every chunk on its way: to swallow one certain answer, say. */
  readonly look?: Look;
}

/** A TCP proxy on loopback that does to connections what networks and dying machines do. */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** Those that are open, oldest first. */
  connections(): readonly ProxiedConnection[];
  /** Connections taken since it opened. */
  readonly taken: number;
  /** What all connections suffer from now on, new ones included; one fault takes the place of the one before. */
  set(fault: Fault): void;
  /** Resets every open connection; new ones are taken. */
  cut(): void;
  /** The server is away: open connections are reset, new ones refused. */
  refuse(): Promise<void>;
  /** The machine is gone without a word: connections are taken, what is sent is lost, nothing is answered or ended. */
  halfOpen(): void;
  /** Everything passes again, on the same port. Connections that have lost bytes are reset. */
  heal(): Promise<void>;
  /** Resets what is open and gives the port free; again is nothing. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";

/** Opens the proxy; every client of it must be given its address. A server that tells its clients another one (Kafka, a replica set) must advertise the proxy's. */
export async function openFaultProxy({ target, host = LOOPBACK, port = 0, look }: FaultProxyOptions): Promise<FaultProxy> {
  const open = new Set<Connection>();
  let fault: Fault = {};
  let taken = 0;
  const accept = (client: Socket): void => {
    taken += 1;
    open.add(new Connection({ number: taken, client, target, fault: () => fault, look, onClose: (connection) => open.delete(connection) }));
  };
  let server: Server | undefined = await listen(host, port, accept);
  const bound = (server.address() as AddressInfo).port;

  const set = (given: Fault): void => {
    fault = given;
    for (const connection of open) connection.changed();
  };
  const cut = (): void => {
    for (const connection of open) connection.cut();
  };
  const stopListening = async (): Promise<void> => {
    const listening = server;
    server = undefined;
    const closed = listening === undefined ? undefined : new Promise((resolve) => listening.close(resolve));
    cut();
    await closed;
  };
  let closed = false;
  return {
    host, port: bound, set, cut,
    connections: () => [...open].filter((connection) => connection.open),
    get taken() {
      return taken;
    },
    refuse: stopListening,
    halfOpen: () => set({ swallow: "both" }),
    async heal() {
      if (closed) throw new Error("the proxy is closed");
      set({});
      server ??= await listen(host, bound, accept);
    },
    async close() {
      closed = true;
      await stopListening();
    },
  };
}

async function listen(host: string, port: number, accept: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.listen(port, host);
  await once(server, "listening");
  return server;
}
