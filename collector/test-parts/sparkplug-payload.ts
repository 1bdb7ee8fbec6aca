import { payloadType } from "../mqtt/sparkplug/descriptor.ts";

export interface TestMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestamp?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly intValue?: number;
  readonly longValue?: number | string;
  readonly floatValue?: number;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly stringValue?: string;
  readonly bytesValue?: Uint8Array;
  readonly datasetValue?: Uint8Array;
  readonly templateValue?: Uint8Array;
  readonly properties?: { readonly keys: readonly string[]; readonly values: readonly object[] };
}

/** Bytes of a payload as a node writes them. */
export function payloadBytes(payload: { readonly timestamp?: number; readonly seq?: number; readonly metrics: readonly TestMetric[] }): Buffer {
  const type = payloadType();
  return Buffer.from(type.encode(type.fromObject(payload)).finish());
}
