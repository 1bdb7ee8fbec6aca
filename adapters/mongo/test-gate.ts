import { openFaultProxy } from "../../tools/fault-proxy/fault-proxy.ts";
import { targetOf } from "../../tools/fault-proxy/urls.ts";
import type { ProxiedConnection } from "../../tools/fault-proxy/connection.ts";

/** A way to a MongoDB server that loses answers. */
export interface LosingGate {
  /** URL of this database through the gate. */
  url(database: string): string;
  /** The next so many commands of this name are carried out, but their answers are lost with the connection. */
  lose(command: string, times: number): void;
  /** How many answers are still to be lost. */
  left(): number;
  close(): Promise<void>;
}

export async function startLosingGate(server: string): Promise<LosingGate> {
  const lost = new WeakSet<ProxiedConnection>();
  let losing = Buffer.alloc(0);
  let times = 0;
  const proxy = await openFaultProxy({
    target: targetOf(server),
    look(chunk, way, connection) {
      if (way === "answer") return lost.has(connection) ? "cut" : "pass";
      if (!lost.has(connection) && times > 0 && chunk.includes(losing)) {
        times -= 1;
        lost.add(connection);
      }
      return "pass";
    },
  });
  return {
    // The set would give the server's own address away.
    url: (database) => `mongodb://${proxy.host}:${proxy.port}/${database}?directConnection=true`,
    lose(command, howOften) {
      // As the first element of a command is written: type text, name, zero.
      losing = Buffer.concat([Buffer.of(2), Buffer.from(command), Buffer.of(0)]);
      times = howOften;
    },
    left: () => times,
    close: () => proxy.close(),
  };
}
