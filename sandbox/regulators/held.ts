import { openLineFile, type LineFile } from "./line-file.ts";
import type { RegulatorId } from "./quirks.ts";

/** A measurement that a regulator has. */
export interface StoredMeasurement {
  readonly regulator: RegulatorId;
  /** Code of the work at the DGA; `uf/proceso/dispositivo` at the SMA. */
  readonly codigoObra: string;
  /** Day and time as they were sent. */
  readonly date: string;
  readonly time: string;
  /** The same as an instant, milliseconds since 1970 UTC. */
  readonly instantMs: number;
  readonly path: string;
  /** Numbers as they were sent. */
  readonly values: Readonly<Record<string, string>>;
  readonly voucher: string;
  /** When it was stored, by the sandbox's clock. */
  readonly atMs: number;
}

export interface HeldWork {
  readonly regulator: RegulatorId;
  readonly codigoObra: string;
  readonly stored: number;
  readonly newest: StoredMeasurement;
}

/** What the regulators have. A measurement is of a work, a day and a time; of the SMA, which does not look, several may be of the same. */
export class Held {
  readonly #works = new Map<string, StoredMeasurement[]>();
  readonly #byInstant = new Map<string, StoredMeasurement>();
  readonly #byVoucher = new Map<string, StoredMeasurement>();
  readonly #file: LineFile | undefined;
  #count = 0;

  /** With a path it begins with what stood there. */
  constructor(path?: string) {
    this.#file = path === undefined ? undefined : openLineFile(path, (measurement) => this.#keep(measurement as StoredMeasurement));
  }

  get count(): number {
    return this.#count;
  }

  /** On disk, where there is a file, when it returns. */
  add(measurement: StoredMeasurement): void {
    this.#file?.append(measurement);
    this.#keep(measurement);
  }

  #keep(measurement: StoredMeasurement): void {
    const { regulator, codigoObra, date, time, voucher } = measurement;
    const work = `${regulator}/${codigoObra}`;
    const measurements = this.#works.get(work);
    if (measurements === undefined) this.#works.set(work, [measurement]);
    else measurements.push(measurement);
    this.#byInstant.set(`${work}/${date} ${time}`, measurement);
    // Of a voucher that was given twice the first is found.
    if (!this.#byVoucher.has(`${work}/${voucher}`)) this.#byVoucher.set(`${work}/${voucher}`, measurement);
    this.#count += 1;
  }

  at({ regulator, codigoObra, date, time }: Pick<StoredMeasurement, "regulator" | "codigoObra" | "date" | "time">): StoredMeasurement | undefined {
    return this.#byInstant.get(`${regulator}/${codigoObra}/${date} ${time}`);
  }

  under({ regulator, codigoObra, voucher }: Pick<StoredMeasurement, "regulator" | "codigoObra" | "voucher">): StoredMeasurement | undefined {
    return this.#byVoucher.get(`${regulator}/${codigoObra}/${voucher}`);
  }

  /** In the order in which they were stored: of a work, or all works after each other. */
  list(of: { readonly regulator?: RegulatorId | undefined; readonly codigoObra?: string | undefined } = {}): readonly StoredMeasurement[] {
    if (of.regulator !== undefined && of.codigoObra !== undefined) return this.#works.get(`${of.regulator}/${of.codigoObra}`) ?? [];
    return [...this.#works.values()].flat().filter(({ regulator, codigoObra }) => (of.regulator ?? regulator) === regulator && (of.codigoObra ?? codigoObra) === codigoObra);
  }

  works(): readonly HeldWork[] {
    return [...this.#works.values()].flatMap((measurements) => {
      const newest = measurements.at(-1);
      return newest === undefined ? [] : [{ regulator: newest.regulator, codigoObra: newest.codigoObra, stored: measurements.length, newest }];
    });
  }

  close(): void {
    this.#file?.close();
  }
}
