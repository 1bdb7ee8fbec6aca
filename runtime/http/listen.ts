import { CaudalError, hasCode } from "@caudal/core";
import type { AddressInfo, Server } from "node:net";
import { portOwner } from "./port-owner.ts";

export interface ListenTarget {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const NEXT_PORTS = 50;

/** Listens, for any kind of server. CaudalError "in-use" names the owner's pid where it can be known; "unavailable" (no retry) when the address cannot be had. */
export async function listen(server: Server, target: ListenTarget): Promise<AddressInfo> {
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void => reject(error);
      server.once("error", failed);
      server.listen({ host: target.host, port: target.port, exclusive: true }, () => {
        server.off("error", failed);
        resolve();
      });
    });
  } catch (cause) {
    throw await explained(cause, target);
  }
  return server.address() as AddressInfo;
}

async function explained(cause: unknown, { host, port }: ListenTarget): Promise<unknown> {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") {
    const owner = await portOwner(port);
    return new CaudalError("in-use", `port ${port} of ${host} is taken${owner === undefined ? "" : ` by process ${owner}`}`, { cause });
  }
  if (code === "EACCES") return new CaudalError("unavailable", `port ${port} of ${host} may not be opened by this user`, { cause, retry: "no" });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return new CaudalError("unavailable", `${host} is not an address of this machine`, { cause, retry: "no" });
  return cause;
}

/**
 * Opens at the port; a default port that is taken moves to the next free one, a port that somebody asked for fails with "in-use".
 * `open` is called once a port and must clean up after itself when it rejects.
 */
export async function listenOrNext<T>(port: number, options: { readonly asked: boolean; readonly open: (port: number) => Promise<T> }): Promise<T> {
  for (let candidate = port; ; candidate++) {
    try {
      return await options.open(candidate);
    } catch (error) {
      const last = options.asked || candidate === 0 || candidate >= Math.min(65535, port + NEXT_PORTS);
      if (last || !hasCode(error, "in-use")) throw error;
    }
  }
}
