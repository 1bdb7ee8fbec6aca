import { createServer, type Server, type Socket } from "node:net";
import type { Principal } from "@caudal/core";
import { listen, listenOrNext, type ListenTarget, type Logger } from "@caudal/runtime";
import { TlsListener, type TlsOptionsOfBroker } from "./tls-listener.ts";

export interface ListenersOptions {
  /** Where the broker listens without TLS; absent: nowhere. */
  readonly target?: ListenTarget | undefined;
  /** Where it listens for `mqtts://`; absent: nowhere. */
  readonly tls?: TlsOptionsOfBroker | undefined;
  /** False: a taken port without TLS moves to the next free one. */
  readonly portAsked: boolean;
  readonly maxConnections: number;
  readonly logger: Logger;
}

/** Where the built-in broker listens: with TLS, without it, or both. */
export class BrokerListeners {
  readonly #options: ListenersOptions;
  #server: Server | undefined;
  #tls: TlsListener | undefined;
  #address: ListenTarget | undefined;
  #tlsAddress: ListenTarget | undefined;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  get address(): ListenTarget | undefined {
    return this.#address;
  }

  get tlsAddress(): ListenTarget | undefined {
    return this.#tlsAddress;
  }

  /** What is wrong with them; undefined when nothing is. */
  get problem(): string | undefined {
    return this.#options.target !== undefined && this.#server?.listening !== true ? "the listener is closed" : this.#tls?.problem;
  }

  /** `certified` is who a certificate says that the other side is. Rejects as the socket or the certificate files do; `stop` is then still to be called. */
  async open(onSocket: (socket: Socket, certified: Principal | undefined) => void): Promise<void> {
    const { target, tls, portAsked, logger, maxConnections } = this.#options;
    if (target !== undefined) {
      this.#address = await listenOrNext(target.port, { asked: portAsked, open: (port) => this.#listen({ ...target, port }, onSocket) });
      logger.info("mqtt.listening", { ...this.#address, protocol: "MQTT 3.1.1" });
    }
    if (tls === undefined) return;
    this.#tls = new TlsListener({ ...tls, maxConnections, logger, onSocket });
    this.#tlsAddress = await this.#tls.start();
    logger.info("mqtt.listening", { ...this.#tlsAddress, protocol: "MQTT 3.1.1 over TLS", certificates: tls.clientCaFile === undefined ? "none" : tls.requireCertificate ? "required" : "optional" });
  }

  /** Takes no more connections. */
  quiesce(): void {
    this.#server?.close();
    this.#tls?.quiesce();
  }

  async stop(): Promise<void> {
    this.quiesce();
    await this.#tls?.stop();
  }

  async #listen({ host, port }: ListenTarget, onSocket: (socket: Socket, certified: undefined) => void): Promise<ListenTarget> {
    const { maxConnections, logger } = this.#options;
    const server = createServer((socket) => onSocket(socket, undefined));
    server.maxConnections = maxConnections;
    server.on("drop", () => logger.warn("mqtt.too-many-connections", { most: maxConnections }));
    const { address } = await listen(server, { host, port });
    this.#server = server;
    const bound = server.address();
    return { host: address, port: typeof bound === "object" && bound !== null ? bound.port : port };
  }
}
