import { connectAsync } from "mqtt";

/** Ends a session that a broker keeps for a client which does not come back. */
export async function forgetSession(url: string, clientId: string): Promise<void> {
  const client = await connectAsync(url, { protocolVersion: 5, clean: true, clientId, reconnectPeriod: 0 });
  await client.endAsync();
}
