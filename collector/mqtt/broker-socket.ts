import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { BrokerUrl } from "./broker-url.ts";
import type { Certificates } from "./certificate-files.ts";

/** A socket to an outside broker; TLS 1.2 and later where its URL asks for it. */
export function openBrokerSocket({ host, port, tls }: BrokerUrl, { ca, cert, key }: Partial<Certificates>): Socket {
  // An address is no name that a server could be asked for.
  const named = isIP(host) === 0 ? { servername: host } : {};
  const shown = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
  return tls ? connectTls({ host, port, minVersion: "TLSv1.2", ...named, ...shown }) : connectTcp({ host, port });
}
