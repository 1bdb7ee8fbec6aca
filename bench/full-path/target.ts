/** Where an MQTT broker listens: `mqtt://host:port`. */
export function targetOfMqtt(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port === "" ? "1883" : port) };
}
