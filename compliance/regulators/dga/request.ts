import type { FrozenPayload } from "../regulator.ts";
import type { WireRequest } from "../wire.ts";
import { wireStamp } from "./wire-time.ts";

/** The POST of a frozen payload. The password is put in here and nowhere else; the rest of the bytes stay as they were frozen. */
export function postOf({ path, headers, body }: FrozenPayload, { password, sentAtUs }: { readonly password: string; readonly sentAtUs: number }): WireRequest {
  const open = '{"autenticacion":{';
  if (!body.startsWith(open)) throw new TypeError("a payload of another regulator");
  return {
    method: "POST", path, headers: { ...headers, timeStampOrigen: wireStamp(sentAtUs), "Content-Type": "application/json" },
    body: `${open}"password":${JSON.stringify(password)},${body.slice(open.length)}`,
  };
}

/** The question for what the regulator holds under a voucher. It needs no credentials. */
export function getOf({ path, headers }: FrozenPayload, voucher: string): WireRequest {
  return { method: "GET", path: `${path}?${new URLSearchParams({ codigoObra: headers["codigoObra"] ?? "", numeroComprobante: voucher }).toString()}`, headers: { Accept: "application/json" } };
}
