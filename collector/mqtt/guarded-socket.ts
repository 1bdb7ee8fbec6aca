import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { PacketScanner, type OversizePublish } from "./packet-scanner.ts";

/** Memory that large packets of all connections share: a connection waits before it reads one for which there is no room. */
export class LargePacketRoom {
  #freeBytes: number;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  constructor(bytes: number) {
    this.#freeBytes = bytes;
  }

  /** Takes room now, or calls `go` when it has been taken later; the function returned stops the waiting. */
  take(bytes: number, go: () => void): "taken" | (() => void) {
    if (this.#waiting.length === 0 && bytes <= this.#freeBytes) {
      this.#freeBytes -= bytes;
      return "taken";
    }
    const entry = { bytes, go };
    this.#waiting.push(entry);
    return () => {
      const at = this.#waiting.indexOf(entry);
      if (at !== -1) this.#waiting.splice(at, 1);
    };
  }

  give(bytes: number): void {
    this.#freeBytes += bytes;
    for (let first = this.#waiting[0]; first !== undefined && first.bytes <= this.#freeBytes; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#freeBytes -= first.bytes;
      first.go();
    }
  }
}

export interface GuardOptions {
  readonly maxPayloadBytes: number;
  readonly room: LargePacketRoom;
  /** A publish that is too large begins: end the connection, or skip the packet and go on. */
  readonly onOversize: (publish: OversizePublish) => "close" | "skip";
}

/** A socket whose incoming MQTT packets are bounded before anything holds them in memory. */
export class GuardedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #options: GuardOptions;
  readonly #scanner: PacketScanner;
  readonly #taken: number[] = [];
  #stopWaiting: (() => void) | undefined;
  /** The reader waits and got nothing yet. */
  #asked = false;

  constructor(socket: Socket, options: GuardOptions) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#options = options;
    this.#scanner = new PacketScanner(options.maxPayloadBytes);
    socket.setNoDelay(true);
    socket.pause();
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  /** The oldest large packet is done with. */
  releaseLarge(): void {
    const bytes = this.#taken.shift();
    if (bytes !== undefined) this.#options.room.give(bytes);
  }

  override _read(): void {
    this.#asked = true;
    if (this.#stopWaiting === undefined) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else {
      const settle = (): void => {
        this.#socket.off("drain", settle).off("close", settle);
        done();
      };
      this.#socket.once("drain", settle).once("close", settle);
    }
  }

  /** Acknowledgements come many at a time, each in several small writes: one write for all. */
  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stopWaiting?.();
    while (this.#taken.length > 0) this.releaseLarge();
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#socket.pause();
    this.#go(this.#scanner.scan(chunk));
  }

  #go(steps: ReturnType<PacketScanner["scan"]>): void {
    this.#stopWaiting = undefined;
    for (let step = steps.next(); !this.destroyed && step.done !== true; step = steps.next()) {
      if (step.value.kind === "pass") {
        this.#asked = false;
        this.push(step.value.bytes);
      } else if (step.value.kind === "broken") this.destroy(new Error(step.value.detail));
      else if (step.value.kind === "oversize") {
        if (this.#options.onOversize(step.value.publish) === "close") this.destroy();
      } else {
        const { bytes } = step.value;
        this.#taken.push(bytes);
        const taken = this.#options.room.take(bytes, () => this.#go(steps));
        if (taken === "taken") continue;
        this.#stopWaiting = () => {
          taken();
          // Not taken yet, so that nothing is given back for it.
          this.#taken.pop();
          this.#stopWaiting = undefined;
        };
        return;
      }
    }
    if (this.#asked && !this.destroyed) this.#socket.resume();
  }
}
