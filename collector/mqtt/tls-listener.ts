import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Principal } from "@caudal/core";
import { listen, type ListenTarget, type Logger } from "@caudal/runtime";
import { CertificateFiles, type Certificates } from "./certificate-files.ts";
import { namesOf, principalOfCertificate, type CertificateRule } from "./certificate-identity.ts";

export interface TlsOptionsOfBroker {
  readonly target: ListenTarget;
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of clients' certificates; without them none is asked for. */
  readonly clientCaFile: string | undefined;
  /** True: nobody connects without a certificate. */
  readonly requireCertificate: boolean;
  readonly rules: readonly CertificateRule[];
  /** Milliseconds between looks at the files; ten seconds when absent. */
  readonly lookEveryMs?: number | undefined;
}

export interface TlsListenerOptions extends TlsOptionsOfBroker {
  readonly maxConnections: number;
  readonly logger: Logger;
  /** `principal` is who the certificate says; undefined where there is none, or no rule knows it. */
  readonly onSocket: (socket: TLSSocket, principal: Principal | undefined) => void;
}

const HANDSHAKE_WITHIN_MS = 10_000;

/** Listens for `mqtts://`: TLS 1.2 and later, certificates that are renewed without a restart. */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #files: CertificateFiles;
  readonly #raw = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#files = new CertificateFiles({
      paths: { cert: options.certFile, key: options.keyFile, ca: options.clientCaFile }, logger: options.logger, everyMs: options.lookEveryMs,
      settings: { cert: "CAUDAL_MQTTS_CERT", key: "CAUDAL_MQTTS_KEY", ca: "CAUDAL_MQTTS_CLIENT_CA" },
    });
  }

  /** Why certificate files that were replaced are not used; undefined when they are. */
  get problem(): string | undefined {
    return this.#files.problem;
  }

  /** Resolves with where it listens. CaudalError "setting" when a file cannot be used. */
  async start(): Promise<ListenTarget> {
    const certificates = await this.#files.load();
    const { target, logger, maxConnections } = this.#options;
    const server = createServer({ ...this.#context(certificates), handshakeTimeout: HANDSHAKE_WITHIN_MS }, (socket) => this.#connected(socket));
    server.maxConnections = maxConnections;
    server.on("drop", () => logger.warn("mqtt.too-many-connections", { most: maxConnections }));
    server.on("tlsClientError", (error, socket) => logger.debug("mqtt.handshake-failed", { reason: error.message, remoteAddress: socket.remoteAddress }));
    // Those in the middle of their handshake are not ours yet, and still have to end with us.
    server.on("connection", (socket: Socket) => {
      this.#raw.add(socket);
      socket.once("close", () => this.#raw.delete(socket));
    });
    const { address } = await listen(server, target);
    this.#server = server;
    this.#files.follow((renewed) => server.setSecureContext(this.#context(renewed)));
    const at = server.address();
    return { host: address, port: typeof at === "object" && at !== null ? at.port : target.port };
  }

  /** Takes no more connections. */
  quiesce(): void {
    this.#server?.close();
  }

  async stop(): Promise<void> {
    this.quiesce();
    await this.#files.close();
    for (const socket of this.#raw) socket.destroy();
  }

  #context({ cert, key, ca }: Certificates): TlsOptions {
    const { requireCertificate } = this.#options;
    return {
      cert, key, minVersion: "TLSv1.2",
      // A resumed session would outlive the authority that its certificate was checked against.
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: requireCertificate }),
    };
  }

  #connected(socket: TLSSocket): void {
    const { clientCaFile, logger, onSocket, rules } = this.#options;
    socket.on("error", (error) => logger.debug("mqtt.connection-ended", { reason: error.message }));
    if (clientCaFile === undefined) return onSocket(socket, undefined);
    // Empty when the client has none.
    const certificate = socket.getPeerCertificate();
    if (!("subject" in certificate) || Object.keys(certificate).length === 0) return onSocket(socket, undefined);
    if (!socket.authorized) {
      logger.warn("mqtt.certificate-refused", { subject: certificate.subject.CN, remoteAddress: socket.remoteAddress, reason: String(socket.authorizationError) });
      socket.destroy();
      return;
    }
    onSocket(socket, principalOfCertificate(rules, namesOf(certificate)));
  }
}
