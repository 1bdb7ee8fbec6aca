import { connect } from "node:net";

/** Sends bytes and gives the first that come back; rejects when none come within `limitMs`. */
export function tcpExchange(options: { host: string; port: number; send: Buffer; limitMs?: number }): Promise<Buffer> {
  const { host, port, send, limitMs = 1_000 } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(limitMs, () => end(() => reject(new Error(`${host}:${port} did not answer within ${limitMs} ms`))));
    socket.once("connect", () => socket.write(send));
    socket.once("data", (data) => end(() => resolve(data)));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("close", () => reject(new Error(`${host}:${port} closed the connection`)));
  });
}
