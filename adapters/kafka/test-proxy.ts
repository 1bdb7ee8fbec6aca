import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What the proxy does with an answer: hands it on, spoils its last byte, loses it, or loses it and closes the connection. */
export type Fate = "pass" | "spoil" | "swallow" | "swallow-and-close";

export const apiKey = { produce: 0, fetch: 1, offsetCommit: 8, heartbeat: 12 } as const;

const AT_CORRELATION = 8;

/** A TCP proxy before a broker that knows Kafka's frames: size, then request key and version, or correlation number. */
export class KafkaProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #counts = new Map<number, number>();
  /** Asked for each answer: key of its request, and how many answers to that request there were, this one included. */
  fate: (key: number, nth: number) => Fate = () => "pass";

  private constructor(upstream: { host: string; port: number }) {
    this.#server = createServer((client) => this.#pipe(client, connect(upstream)));
  }

  static async before(url: string): Promise<KafkaProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new KafkaProxy({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get address(): { host: string; port: number } {
    return { host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }

  answers(key: number): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Cuts every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #pipe(client: Socket, broker: Socket): void {
    const keys = new Map<number, number>();
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    frames(client, (frame) => {
      keys.set(frame.readInt32BE(AT_CORRELATION), frame.readInt16BE(4));
      broker.write(frame);
    });
    frames(broker, (frame) => {
      const key = keys.get(frame.readInt32BE(4)) ?? -1;
      const nth = this.answers(key) + 1;
      this.#counts.set(key, nth);
      const fate = this.fate(key, nth);
      if (fate === "spoil") frame.writeUInt8(frame.readUInt8(frame.length - 1) ^ 255, frame.length - 1);
      if (fate === "pass" || fate === "spoil") client.write(frame);
      else if (fate === "swallow-and-close") client.destroy();
    });
  }
}

function frames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      onFrame(held.subarray(0, end));
      held = held.subarray(end);
    }
  });
}
