import { hex } from "../../seed/hash.ts";
import type { Delivery } from "../../server/exchange.ts";
import { htmlReply, jsonReply, type Answered, type Logged, type RegulatorAsk, type RegulatorModel, type RegulatorWorld } from "../model.ts";
import { readRegisters, type Register } from "./registers.ts";
import { isGoodToken, tokenFor } from "./tokens.ts";

const REGISTERS = /^\/api\/v1\/ufs\/([^/]+)\/procesos\/([^/]+)\/registros$/;

/** The SMA's API: a login, and registers as a list. It does not look whether it has a register already: what is sent twice it has twice. */
export const sma: RegulatorModel = {
  id: "sma",
  title: "SMA",
  base: "/sma",
  answer(ask, world) {
    if (ask.method === "POST" && ask.path === "/api/v1/auth") return login(ask, world);
    const [, uf, proceso] = REGISTERS.exec(ask.path) ?? [];
    if (ask.method !== "POST" || uf === undefined || proceso === undefined) return { reply: jsonReply(404, { mensaje: "No existe" }), logged: { outcome: "unknown-route" } };
    return sent(`${decodeURIComponent(uf)}/${decodeURIComponent(proceso)}`, ask, world);
  },
};

function login({ body, nowMs, shows }: RegulatorAsk, { seed, works, takesUnknown }: RegulatorWorld): Answered {
  const { usuario, password } = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  if (shows("outage", { work: "", instant: "" })) return { reply: jsonReply(503, {}), delivery: "drop", logged: { outcome: "fault" } };
  if (typeof usuario !== "string" || usuario === "" || typeof password !== "string" || password === "") return { reply: jsonReply(400, { mensaje: "Se requiere usuario y password" }), logged: { outcome: "invalid" } };
  const known = [...works.values()].filter(({ informantRut }) => informantRut === usuario);
  if (works.size > 0 && !takesUnknown && !known.some((work) => work.password === password)) return { reply: jsonReply(401, { mensaje: "Credenciales no válidas" }), logged: { outcome: "denied" } };
  return { reply: jsonReply(200, { token: tokenFor(seed, usuario, nowMs) }), logged: { outcome: "login" } };
}

function sent(process: string, ask: RegulatorAsk, world: RegulatorWorld): Answered {
  const { headers, body, nowMs } = ask;
  const registers = readRegisters(body);
  const [first] = registers ?? [];
  const logged: Omit<Logged, "outcome"> = first === undefined ? { codigoObra: process } : { codigoObra: `${process}/${first.dispositivoId}`, instant: `${first.date} ${first.time}`, instantMs: first.instantMs, values: first.values };
  const shows = (quirk: Parameters<typeof ask.shows>[0]): boolean => ask.shows(quirk, { work: logged.codigoObra ?? "", instant: logged.instant ?? "" });
  const isSlow = shows("slow");
  const token = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  if (!isGoodToken(world.seed, token, nowMs) || shows("token-refused")) return { reply: jsonReply(401, { mensaje: "Token no válido" }), isSlow, logged: { ...logged, outcome: "denied" } };
  const fault = faultOf(shows);
  if (fault !== undefined) return { ...fault, isSlow, logged: { ...logged, ...fault.logged } };
  if (registers === undefined) return { reply: jsonReply(400, { mensaje: "Faltan o sobran parámetros de la estampa de tiempo" }), isSlow, logged: { ...logged, outcome: "invalid" } };
  const receipt = kept(process, registers, { world, nowMs });
  return { ...saying(receipt, shows), isSlow, logged: { ...logged, outcome: "accepted", stored: true, voucher: receipt } };
}

function faultOf(shows: (quirk: Parameters<RegulatorAsk["shows"]>[0]) => boolean): Answered | undefined {
  if (shows("outage") || shows("drops-before-storing")) return { reply: jsonReply(503, {}), delivery: "drop", logged: { outcome: "fault" } };
  if (shows("hangs-before-storing")) return { reply: jsonReply(503, {}), delivery: "hang", logged: { outcome: "fault" } };
  if (shows("blocked-403")) return { reply: htmlReply(403, "Request Rejected"), logged: { outcome: "blocked" } };
  if (shows("blocked-429")) return { reply: htmlReply(429, "Too Many Requests"), logged: { outcome: "blocked" } };
  if (shows("http-500")) return { reply: jsonReply(500, { mensaje: "Error interno" }), logged: { outcome: "fault" } };
  if (shows("http-503")) return { reply: htmlReply(503, "Service Unavailable"), logged: { outcome: "fault" } };
  if (shows("html-page")) return { reply: htmlReply(200, "Mantención"), logged: { outcome: "fault" } };
  return undefined;
}

/** One receipt for the call. */
function kept(process: string, registers: readonly Register[], { world: { held, seed }, nowMs }: { readonly world: RegulatorWorld; readonly nowMs: number }): string {
  const receipt = hex(`${seed}/sma/${process}/${JSON.stringify(registers)}/${held.count}`, 24);
  for (const { dispositivoId, date, time, instantMs, values } of registers) {
    held.add({ regulator: "sma", codigoObra: `${process}/${dispositivoId}`, date, time, instantMs, path: `/api/v1/ufs/${process.replace("/", "/procesos/")}/registros`, values, voucher: receipt, atMs: nowMs });
  }
  return receipt;
}

function saying(IdVerificacion: string, shows: (quirk: Parameters<RegulatorAsk["shows"]>[0]) => boolean): { readonly reply: Answered["reply"]; readonly delivery?: Delivery } {
  const mensaje = "Registros recibidos";
  const whole = jsonReply(200, { mensaje, IdVerificacion });
  if (shows("stores-then-drops")) return { reply: whole, delivery: "drop" };
  if (shows("stores-then-hangs")) return { reply: whole, delivery: "hang" };
  if (shows("stores-then-500")) return { reply: jsonReply(500, { mensaje: "Error interno" }) };
  if (shows("stores-then-html")) return { reply: htmlReply(200, "Mantención") };
  if (shows("stores-then-half-json")) return { reply: whole, delivery: "half-json" };
  if (shows("no-voucher")) return { reply: jsonReply(200, { mensaje }) };
  return { reply: whole };
}
