import { hex, unit, whole } from "../seed/hash.ts";
import type { SandboxDevice } from "../fleet/device.ts";
import { seenAt, type SeenRow } from "../series/row.ts";
import type { Call } from "./provider.ts";
import { APPLICATION, type StorageAsk } from "./things-stack-ask.ts";

const PORT = 2;
/** From the radio's receiver to the application server. */
const TRAVEL_US = 200_000;

/** All keys of one slot of a device, which travel in one message. */
export interface Uplink {
  readonly device: SandboxDevice;
  readonly slot: number;
  /** When the network received it: the rows' own time. */
  readonly timeUs: number;
  /** When the application server did, which the storage orders and filters by. */
  readonly receivedUs: number;
  readonly rows: readonly SeenRow[];
}

/** The messages of a device that can be seen, one after the other; no more than the question can use. */
export function* uplinks({ world, view }: Call, device: SandboxDevice, asked: StorageAsk): Generator<Uplink> {
  if (asked.port !== undefined && asked.port !== PORT) return;
  const { first, last } = world.series.slots(device, { fromMs: asked.fromMs - TRAVEL_US / 1000, toMs: asked.toMs });
  let found = 0;
  for (let step = 0; step <= last - first && found < asked.skip + asked.limit + 4; step++) {
    const slot = asked.ascending ? first + step : last - step;
    const rows = device.keys.flatMap((key) => {
      const row = view.leavesOut(key) ? undefined : world.series.row(device, key, slot);
      return row === undefined ? [] : (seenAt(row, view.nowMs) ?? []);
    });
    const timeUs = rows[0]?.row.timeUs;
    // `after` and `before` are both outside the range they name.
    if (timeUs === undefined) continue;
    const receivedUs = timeUs + TRAVEL_US;
    if (receivedUs <= asked.fromMs * 1000 || receivedUs >= asked.toMs * 1000) continue;
    found += 1;
    yield { device, slot, timeUs, receivedUs, rows };
  }
}

/** As the storage writes it. Empty fields are left out, as protobuf does: no `f_cnt` means 0. */
export function written({ world, view }: Call, { device, slot, timeUs, receivedUs, rows }: Uplink, fields: readonly string[] | undefined): Record<string, unknown> {
  const name = `${world.seed}/${device.device}`;
  const count = slot % 65_536;
  const decoded = { ...Object.fromEntries(rows.map(({ row, value }) => [row.key.key, view.value(value)])), battery_v: 3.4 + Math.round(20 * unit(`${name}/battery`, slot)) / 100 };
  const message: Record<string, unknown> = {
    session_key_id: Buffer.from(hex(`${name}/session/${Math.floor(slot / 65_536)}`, 16)).toString("base64"),
    f_port: PORT,
    ...(count === 0 ? {} : { f_cnt: count }),
    frm_payload: Buffer.from(hex(`${name}/${slot}`, 8), "hex").toString("base64"),
    decoded_payload: decoded,
    rx_metadata: [{ gateway_ids: { gateway_id: "gw-cerro" }, time: view.time(timeUs, 9), rssi: -whole({ from: 80, to: 120 }, `${name}/rssi`, slot), snr: 6.2 }],
    settings: { data_rate: { lora: { bandwidth: 125_000, spreading_factor: 9 } }, frequency: "916800000" },
    received_at: view.time(timeUs, 9),
    consumed_airtime: "0.205824s",
  };
  const device_ids = { device_id: device.remote, application_ids: { application_id: APPLICATION }, dev_eui: hex(`${name}/eui`, 16).toUpperCase() };
  const all = { end_device_ids: device_ids, received_at: view.time(receivedUs, 9), uplink_message: message };
  return fields === undefined ? all : chosen(all, fields);
}

/** `up.uplink_message.decoded_payload` and the like; who sent it and when are always told. */
function chosen(all: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = { end_device_ids: all["end_device_ids"], received_at: all["received_at"] };
  for (const field of fields) {
    const [top = "", below] = field.replace(/^up\./, "").split(".");
    const whole = all[top];
    if (below === undefined || typeof whole !== "object" || whole === null) {
      if (whole !== undefined) picked[top] = whole;
      continue;
    }
    const part: unknown = (whole as Record<string, unknown>)[below];
    if (part !== undefined) picked[top] = { ...(picked[top] as Record<string, unknown> | undefined), [below]: part };
  }
  return picked;
}
