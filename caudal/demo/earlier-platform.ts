import { demoCentre, demoPassword, type DemoWork } from "./demo-works.ts";

const HOUR_MS = 3_600_000;
/** The regulator's clock is UTC-4 all year. */
const BEHIND_UTC_MS = 4 * HOUR_MS;
const CALLS_AT_ONCE = 4;
/** One hour in so many was never sent: holes, as they are found. */
const HOLE_EVERY = 97;
const LAST_HOURS_LEFT = 6;

/**
 * Plays the platform that reported a work before: sends each hour of its days to the sandbox of the regulator, up to some hours ago, and gives what it wrote down of it, as CSV for the import of
 * earlier submissions. Some hours it missed.
 */
export async function playEarlierPlatform(baseUrl: string, { code, registeredInformant, earlier }: DemoWork, nowMs: number): Promise<string> {
  const lastMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - LAST_HOURS_LEFT * HOUR_MS;
  const hours = Array.from({ length: earlier.days * 24 }, (_, index) => lastMs - index * HOUR_MS).reverse();
  const lines: string[] = [];
  for (let at = 0; at < hours.length; at += CALLS_AT_ONCE) {
    const sent = hours.slice(at, at + CALLS_AT_ONCE).map(async (instantMs, index) => ((at + index) % HOLE_EVERY === HOLE_EVERY - 1 ? undefined : voucherOf(baseUrl, { code, informant: registeredInformant, instantMs, values: valuesAt(earlier, at + index) })));
    for (const [index, voucher] of (await Promise.all(sent)).entries()) if (voucher !== undefined) lines.push(`${code},${new Date(hours[at + index]!).toISOString()},${voucher},earlier platform`);
  }
  return ["obra,instant,voucher,source", ...lines, ""].join("\n");
}

function valuesAt({ totalM3, flowLps, depthM }: DemoWork["earlier"], hour: number): Readonly<Record<string, string>> {
  // Pumped by day, with the level following.
  const share = 0.55 + 0.45 * Math.sin(((hour % 24) / 24) * 2 * Math.PI);
  return { caudal: (flowLps * share).toFixed(2), nivelFreaticoDelPozo: (depthM + share).toFixed(2), totalizador: String(Math.floor(totalM3 + hour * flowLps * 0.55 * 3.6)) };
}

async function voucherOf(baseUrl: string, { code, informant, instantMs, values }: { readonly code: string; readonly informant: string; readonly instantMs: number; readonly values: Readonly<Record<string, string>> }): Promise<string | undefined> {
  const [fechaMedicion, horaMedicion] = new Date(instantMs - BEHIND_UTC_MS).toISOString().slice(0, 19).split("T");
  const answer = await fetch(`${baseUrl}/mediciones/subterraneas`, {
    method: "POST", headers: { "content-type": "application/json", codigoObra: code, timeStampOrigen: `${new Date(Date.now() - BEHIND_UTC_MS).toISOString().slice(0, 19)}-0000` },
    body: JSON.stringify({ autenticacion: { password: demoPassword, rutEmpresa: demoCentre, rutUsuario: informant }, medicionSubterranea: { ...values, fechaMedicion, horaMedicion } }),
  });
  if (answer.status >= 500) throw new Error(`the sandbox of the regulators answers ${answer.status}`);
  const said = (await answer.json()) as { data?: { numeroComprobante?: string }; message?: string };
  return said.data?.numeroComprobante ?? /comprobante:?\s+([0-9a-z]+)/i.exec(said.message ?? "")?.[1];
}
