/** A record of the size and form that the directory keeps of a device. */
export interface DeviceRecord {
  readonly client: string;
  readonly device: string;
  readonly serial: string;
  readonly state: string;
  readonly changedAtUs: number;
  readonly firstSeenAtUs: number;
  readonly published: boolean;
  readonly latitude: number;
  readonly longitude: number;
  readonly note: string;
  readonly points: readonly { readonly point: string; readonly variable: string; readonly unit: string; readonly factor: number }[];
}

const START_US = 1_767_225_600_000_000;

/** The same for the same number and turn. A tenth of the devices is each client's. */
export function deviceRecord(number: number, turn = 0): DeviceRecord {
  return {
    client: `client-${number % 10}`, device: `device-${String(number).padStart(7, "0")}`, serial: `SN-${number * 7919}`, state: number % 3 === 0 ? "adopted" : "new",
    changedAtUs: START_US + Math.floor(number / 20) * 1_000_000 + turn, firstSeenAtUs: START_US + number, published: number % 2 === 0, latitude: -33.4 - number / 1e6, longitude: -70.6 - number / 1e6,
    note: `Well ${number} of the northern field, second gate on the left; turn ${turn}`,
    points: ["flow", "total", "level"].map((variable, index) => ({ point: `point-${number}-${index}`, variable, unit: variable === "level" ? "m" : "m3", factor: 1 + index / 10 })),
  };
}
