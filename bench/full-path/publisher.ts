import { openConnection, type Connection } from "./connection.ts";

/*
 * Devices that publish as fast as they are acknowledged, or at a rate: a process of its own. It takes its plan from its parent, tells how many were
 * acknowledged every second, and ends with what it counted once all that it sent was acknowledged or the wait for it was over.
 */

export interface PublisherPlan {
  /** mqtt://host:port */
  readonly url: string;
  readonly devices: number;
  readonly connections: number;
  /** Unacknowledged readings a connection. */
  readonly window: number;
  /** At most. */
  readonly seconds: number;
  /** Readings after which it ends, however soon; any number when absent. */
  readonly count?: number;
  /** Readings a second, all together; as fast as they are acknowledged when absent. */
  readonly perS?: number;
  /** Readings sent and not yet told to have arrived, where a broker acknowledges what it only queues; any number when absent. */
  readonly ahead?: number;
  /** Before the device's number in its name. */
  readonly prefix: string;
  /** Where a device publishes, {id} is its name; Caudal's own topic when absent. */
  readonly topic?: string;
}

/** What the parent says while it runs. */
export interface ArrivedWord {
  readonly arrived: number;
}

export type PublisherWord =
  | { readonly kind: "acknowledged"; readonly readings: number }
  | { readonly kind: "done"; readonly sent: number; readonly acknowledged: number; readonly firstMs: number; readonly lastAckMs: number; readonly cpuUs: number; readonly ackMs: { readonly p50: number; readonly p99: number }; readonly sample: readonly SampledDevice[] };

/** How many readings a device sent in all. */
export interface SampledDevice {
  readonly id: string;
  readonly sent: number;
}

const LAST_ACKS_MS = 60_000;
const TICK_MS = 5;
const SAMPLE = 50;
const TOPIC = "caudal/default/{id}/readings";

function open(plan: PublisherPlan, index: number): Promise<Connection> {
  const devices: string[] = [];
  for (let device = index; device < plan.devices; device += plan.connections) devices.push(`${plan.prefix}${String(device).padStart(6, "0")}`);
  const { url, topic = TOPIC, window } = plan;
  return openConnection({ url, clientId: `${plan.prefix}publisher-${process.pid}-${index}`, devices, topic, window }, fail);
}

async function run(plan: PublisherPlan): Promise<void> {
  const connections = await Promise.all(Array.from({ length: plan.connections }, (_, index) => open(plan, index)));
  const sum = (of: (one: Connection) => number): number => connections.reduce((total, one) => total + of(one), 0);
  const cpu = process.cpuUsage();
  const firstMs = Date.now();
  const endMs = firstMs + plan.seconds * 1000;
  const report = setInterval(() => tell({ kind: "acknowledged", readings: sum(({ acknowledged }) => acknowledged) }), 1000);
  await (plan.perS === undefined ? asFastAsAcknowledged(connections, plan, endMs) : atRate(connections, { perS: plan.perS, firstMs, endMs }));
  const giveUpMs = Date.now() + LAST_ACKS_MS;
  while (sum(({ outstanding }) => outstanding) > 0 && Date.now() < giveUpMs) await tick();
  clearInterval(report);
  const used = process.cpuUsage(cpu);
  for (const connection of connections) connection.end();
  const took = connections.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const of = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN;
  tell({
    kind: "done", sent: sum(({ sent }) => sent), acknowledged: sum(({ acknowledged }) => acknowledged), firstMs, lastAckMs: Math.max(...connections.map(({ lastAckMs }) => lastAckMs)),
    cpuUs: used.user + used.system, ackMs: { p50: of(0.5), p99: of(0.99) }, sample: sampleOf(connections),
  });
}

function sampleOf(connections: readonly Connection[]): SampledDevice[] {
  const devices = connections.flatMap((connection) => connection.devices.filter(({ sent }) => sent > 0));
  const step = Math.max(1, Math.floor(devices.length / SAMPLE));
  return devices.filter((_, index) => index % step === 0).slice(0, SAMPLE).map(({ id, sent }) => ({ id, sent }));
}

async function asFastAsAcknowledged(connections: readonly Connection[], { count = Number.POSITIVE_INFINITY, ahead = Number.POSITIVE_INFINITY }: PublisherPlan, endMs: number): Promise<void> {
  let sent = 0;
  let arrived = 0;
  // Each has its share, so that all devices send about as much.
  const share = (of: number): number => Math.ceil(of / connections.length);
  const sendOn = (connection: Connection): void => {
    if (Date.now() < endMs) sent += connection.send(Math.min(count - sent, share(count) - connection.sent, share(arrived + ahead - sent)));
  };
  for (const connection of connections) connection.onRoom = () => sendOn(connection);
  process.on("message", (word: ArrivedWord) => {
    ({ arrived } = word);
    for (const connection of connections) sendOn(connection);
  });
  for (const connection of connections) sendOn(connection);
  while (Date.now() < endMs && sent < count) await tick();
}

/** What does not fit into the windows is sent later, and counts as late rather than as less. */
async function atRate(connections: readonly Connection[], { perS, firstMs, endMs }: { readonly perS: number; readonly firstMs: number; readonly endMs: number }): Promise<void> {
  let sent = 0;
  while (Date.now() < endMs) {
    let due = Math.floor(((Date.now() - firstMs) * perS) / 1000) - sent;
    for (const [index, connection] of connections.entries()) {
      const count = connection.send(Math.ceil(due / (connections.length - index)));
      due -= count;
      sent += count;
    }
    await tick();
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

function tell(word: PublisherWord): void {
  process.send?.(word);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

process.once("message", (plan: PublisherPlan) => {
  run(plan).then(() => process.disconnect(), fail);
});
