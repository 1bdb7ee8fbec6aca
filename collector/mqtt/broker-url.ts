import { CaudalError } from "@caudal/core";

/** An outside broker, as `CAUDAL_MQTT` names it. */
export interface BrokerUrl {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** For logs and metrics: no credentials. */
  readonly label: string;
}

/** Reads `mqtt://host[:1883]` or `mqtts://host[:8883]`; a user may stand in it. CaudalError "setting" for all else. */
export function parseBrokerUrl(text: string): BrokerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["mqtt:", "mqtts:"].includes(url.protocol) || url.hostname === "" || !["", "/"].includes(url.pathname) || url.search !== "") {
    throw new CaudalError("setting", "CAUDAL_MQTT is [HOST:]PORT, off, or mqtt:// and mqtts:// URLs between commas");
  }
  const tls = url.protocol === "mqtts:";
  const port = url.port === "" ? (tls ? 8883 : 1883) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const decoded = (part: string): string | undefined => (part === "" ? undefined : decodeURIComponent(part));
  return { host, port, tls, username: decoded(url.username), password: decoded(url.password), label: `${url.hostname}:${port}` };
}
