import { connect, type Socket } from "node:net";
import { targetOfMqtt } from "./target.ts";
import { AckReader, connectPacket, topicBytes, writePublish } from "./wire.ts";

const CHUNK_BYTES = 64 * 1024;
const LONGEST_PACKET_BYTES = 512;
/** Every so manieth reading's way to its acknowledgement is timed. */
const TIMED_EVERY = 97;

/** One device of the load. */
export interface Device {
  readonly id: string;
  readonly topic: Buffer;
  lastMs: number;
  totalL: number;
  sent: number;
}

export interface ConnectionOptions {
  /** mqtt://host:port */
  readonly url: string;
  readonly clientId: string;
  /** Names of its devices. */
  readonly devices: readonly string[];
  /** Where a device publishes: {id} is its name. */
  readonly topic: string;
  /** Unacknowledged readings at most. */
  readonly window: number;
}

/** The next reading of a device: three values and a time that never repeats. */
function nextReading(device: Device, nowMs: number): string {
  device.lastMs = nowMs > device.lastMs ? nowMs : device.lastMs + 1;
  device.totalL += 37;
  return `{"id":"${device.id}","ts":${device.lastMs},"total_m3":${device.totalL / 1000},"flow_lps":${12 + (device.totalL % 50) / 10},"level_m":${40 + (device.totalL % 7) / 100}}`;
}

/** One connection to the broker, whose devices publish in turn. */
export class Connection {
  readonly #socket: Socket;
  readonly devices: readonly Device[];
  readonly #window: number;
  readonly #acks = new AckReader();
  readonly #timed = new Map<number, number>();
  readonly tookMs: number[] = [];
  #turn = 0;
  #packetId = 0;
  #outstanding = 0;
  #isFull = false;
  sent = 0;
  acknowledged = 0;
  lastAckMs = 0;
  /** Called when there is room again. */
  onRoom: () => void = () => undefined;

  constructor(socket: Socket, devices: readonly Device[], window: number) {
    this.#socket = socket;
    this.devices = devices;
    this.#window = window;
    socket.on("data", (chunk: Buffer) => {
      const nowMs = Date.now();
      this.#acks.read(chunk, (packetId) => {
        this.#outstanding -= 1;
        this.acknowledged += 1;
        const sentMs = this.#timed.get(packetId);
        if (sentMs === undefined) return;
        this.#timed.delete(packetId);
        this.tookMs.push(nowMs - sentMs);
      });
      this.lastAckMs = nowMs;
      this.onRoom();
    });
    socket.on("drain", () => {
      this.#isFull = false;
      this.onRoom();
    });
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** Sends up to `most` readings, as many as the window and the socket take; gives how many. */
  send(most: number): number {
    let count = 0;
    while (!this.#isFull && count < most && this.#outstanding < this.#window) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const nowMs = Date.now();
      let at = 0;
      for (; count < most && this.#outstanding < this.#window && at < CHUNK_BYTES - LONGEST_PACKET_BYTES; count++) {
        const device = this.devices[this.#turn++ % this.devices.length]!;
        this.#packetId = (this.#packetId % 65_535) + 1;
        if (this.sent % TIMED_EVERY === 0) this.#timed.set(this.#packetId, nowMs);
        at = writePublish(chunk, at, { topic: device.topic, packetId: this.#packetId, payload: nextReading(device, nowMs) });
        device.sent += 1;
        this.#outstanding += 1;
        this.sent += 1;
      }
      this.#isFull = !this.#socket.write(chunk.subarray(0, at));
    }
    return count;
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** Connects; `onError` hears of whatever ends the connection. */
export async function openConnection({ url, clientId, devices, topic, window }: ConnectionOptions, onError: (error: unknown) => void): Promise<Connection> {
  const { host, port } = targetOfMqtt(url);
  const socket = connect({ host, port, noDelay: true });
  socket.on("error", onError);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(connectPacket(clientId));
  const greeting = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
  new AckReader().read(greeting, () => undefined);
  const named = devices.map((id, index) => ({ id, topic: topicBytes(topic.replace("{id}", id)), lastMs: 0, totalL: 1_000_000 + index, sent: 0 }));
  return new Connection(socket, named, window);
}
