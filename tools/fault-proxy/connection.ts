import { connect, type Socket } from "node:net";
import type { Fault, Way } from "./fault.ts";
import { Lane } from "./lane.ts";

/** Sees bytes on their way: "swallow" loses the chunk, "cut" resets the connection before it goes on. */
export type Look = (chunk: Buffer, way: Way, connection: ProxiedConnection) => "pass" | "swallow" | "cut";

export interface ProxiedConnection {
  /** 1 for the first since the proxy opened. */
  readonly number: number;
  readonly open: boolean;
  /** A fault of this connection alone, in the place of the proxy's; undefined gives it back. */
  set(fault: Fault | undefined): void;
  /** Resets it, both ways. */
  cut(): void;
}

export interface ConnectionOptions {
  readonly number: number;
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly fault: () => Fault;
  readonly look: Look | undefined;
  readonly onClose: (connection: Connection) => void;
}

/** A client's socket and ours to the server. */
export class Connection implements ProxiedConnection {
  readonly number: number;
  readonly #sockets: readonly Socket[];
  readonly #lanes: readonly Lane[];
  readonly #common: () => Fault;
  /** Taken while nobody answers at all, so the server never heard of it. */
  readonly #hollow: boolean;
  #own: Fault | undefined;
  #open = true;

  constructor({ number, client, target, fault, look, onClose }: ConnectionOptions) {
    this.number = number;
    this.#common = fault;
    this.#hollow = fault().swallow === "both";
    const server = this.#hollow ? undefined : connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#sockets = server === undefined ? [client] : [client, server];
    const lane = (way: Way, from: Socket, to: Socket): Lane => new Lane({
      way, from, to, fault: () => this.#fault,
      look: (chunk) => {
        const verdict = look?.(chunk, way, this) ?? "pass";
        if (verdict === "cut") this.cut();
        return verdict === "pass";
      },
    });
    this.#lanes = server === undefined ? [] : [lane("request", client, server), lane("answer", server, client)];
    if (server === undefined) client.resume();
    for (const socket of this.#sockets) {
      socket.on("error", () => this.cut());
      socket.once("close", () => {
        // A half that has ended well leaves the other one to end by itself.
        if (socket.errored !== null || this.#sockets.every(({ closed }) => closed)) this.cut();
        if (this.#sockets.every(({ closed }) => closed)) onClose(this);
      });
    }
  }

  get open(): boolean {
    return this.#open;
  }

  set(fault: Fault | undefined): void {
    this.#own = fault;
    this.changed();
  }

  cut(): void {
    this.#open = false;
    for (const lane of this.#lanes) lane.stop();
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }

  /** The fault is another one now. A stream that has lost bytes cannot go on once bytes pass again: it is reset, as by a machine that came back. */
  changed(): void {
    if (this.#fault.swallow === undefined && (this.#hollow || this.#lanes.some(({ lost }) => lost))) this.cut();
    else for (const lane of this.#lanes) lane.changed();
  }

  get #fault(): Fault {
    return this.#own ?? this.#common();
  }
}
