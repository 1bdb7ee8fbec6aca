import type { Request } from "express";

/** By the socket and by the name that was called: a name of somebody else's that leads here is no good. */
export function fromHere({ socket, headers }: Request): boolean {
  const address = socket.remoteAddress ?? "";
  const loopback = /^(::ffff:)?127\.|^::1$/.test(address);
  return loopback && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(headers.host ?? "");
}
