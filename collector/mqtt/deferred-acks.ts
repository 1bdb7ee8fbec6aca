import type { Duplex } from "node:stream";
import type { MqttClient } from "mqtt";
import { SettleOrder } from "./settle-order.ts";

/** mqtt.js writes packets through this method of its own, acknowledgements included. */
interface SendsPackets {
  _sendPacket(packet: { readonly cmd: string; readonly messageId?: number }, done?: () => void): void;
}

const PUBACK = 0x40;

/**
 * Lets mqtt.js go on to the next message at once while the acknowledgements of QoS 1 wait: the library would hold its whole connection
 * for each. It still does all else; only its own PUBACKs are left out, and those of a batch that became durable go out in one write, in
 * the order in which the messages came.
 */
export class DeferredAcks {
  readonly #stream: () => Duplex | undefined;
  readonly #order = new SettleOrder();
  #ready: number[] = [];
  #scheduled = false;

  constructor(client: MqttClient) {
    this.#stream = () => client.stream as Duplex | undefined;
    const library = client as unknown as SendsPackets;
    const send = library._sendPacket.bind(client);
    library._sendPacket = (packet, done) => (packet.cmd === "puback" ? done?.() : send(packet, done));
  }

  /** Messages that are not acknowledged yet. */
  get waiting(): number {
    return this.#order.waiting;
  }

  /** Enters a message; call what is returned once it is durable. Without a packet id (QoS 0) it only keeps its place. */
  enter(packetId: number | undefined): () => void {
    const settle = this.#order.enter(() => {
      if (packetId === undefined) return;
      this.#ready.push(packetId);
      if (this.#scheduled) return;
      this.#scheduled = true;
      queueMicrotask(() => this.#write());
    });
    return () => settle();
  }

  #write(): void {
    this.#scheduled = false;
    const ids = this.#ready;
    this.#ready = [];
    const stream = this.#stream();
    if (stream === undefined || stream.destroyed || !stream.writable) return;
    const bytes = Buffer.allocUnsafe(ids.length * 4);
    ids.forEach((id, at) => {
      // Of two bytes it means success in MQTT 5 as in 3.1.1.
      bytes.writeUInt8(PUBACK, at * 4);
      bytes.writeUInt8(2, at * 4 + 1);
      bytes.writeUInt16BE(id, at * 4 + 2);
    });
    stream.write(bytes);
  }
}
