import { htmlReply, isAnybodys, jsonReply, type Answered, type Logged, type RegulatorAsk, type RegulatorModel, type RegulatorWorld } from "../model.ts";
import { told } from "./held-answer.ts";
import { kinds, type Kind } from "./kinds.ts";
import { stored } from "./storing.ts";
import { readSent, type Sent } from "./validation.ts";

const CLOCK_BEHIND_MS = 3_600_000;

/** The DGA's API as its manual has it: three kinds of water, each with a POST and a GET on one path, and the password in the body of each POST. */
export const dga: RegulatorModel = {
  id: "dga",
  title: "DGA (MEE)",
  base: "/dga/api/v1",
  answer(ask, world) {
    const kind = kinds.find(({ path }) => path === ask.path);
    if (kind === undefined) return { reply: jsonReply(404, { status: "404", message: "No existe" }), logged: { outcome: "unknown-route" } };
    if (ask.method === "GET") return asked(kind, ask, world);
    if (ask.method === "POST") return sent(kind, ask, world);
    return { reply: jsonReply(405, { status: "405", message: "Método no permitido" }), logged: { outcome: "unknown-route" } };
  },
};

function sent(kind: Kind, ask: RegulatorAsk, world: RegulatorWorld): Answered {
  const read = readSent(kind, ask, (code) => isAnybodys(world, code) || world.works.get(code)?.levelMayBeMissing === true);
  if (typeof read === "string") return refusal(400, { status: "01", message: read }, { outcome: "invalid", codigoObra: ask.headers["codigoobra"] ?? null });
  const { codigoObra, date, time, instantMs, centre, values } = read;
  const about = { work: codigoObra, instant: `${date} ${time}` };
  const logged = { codigoObra, instant: about.instant, instantMs, centre, values };
  const shows = (quirk: Parameters<typeof ask.shows>[0]): boolean => ask.shows(quirk, about);
  const isSlow = shows("slow");
  const fault = faultOf(read, ask, world);
  if (fault !== undefined) return { isSlow, ...fault, logged: { ...logged, ...fault.logged } };
  const refused = refusalOf(read, ask, world);
  if (refused !== undefined) return { ...refusal(400, { status: "01", message: refused }, { ...logged, outcome: "refused" }), isSlow };
  const held = world.held.at({ regulator: "dga", codigoObra, date, time });
  // Only what is there already can be sent again.
  if (held !== undefined) world.abuse.sent({ centre, measurement: `${codigoObra} ${about.instant}`, nowMs: ask.nowMs });
  if (held !== undefined) return { ...duplicate(held.voucher, shows, { ...logged, outcome: "duplicate", voucher: held.voucher }), isSlow };
  if (shows("refused-99")) return { ...refusal(200, { status: "99", message: "No es posible ingresar la medición" }, { ...logged, outcome: "refused" }), isSlow };
  if (shows("clock-behind") && instantMs > ask.nowMs - CLOCK_BEHIND_MS) return { ...refusal(400, { status: "01", message: "La fecha de medición es posterior a la fecha actual" }, { ...logged, outcome: "refused" }), isSlow };
  return { isSlow, ...stored(kind, read, { world, nowMs: ask.nowMs, shows, logged }) };
}

/** What comes in place of the regulator's own answer, before it has looked at anything. */
function faultOf({ centre, codigoObra, date, time }: Sent, { nowMs, shows: shown }: RegulatorAsk, world: RegulatorWorld): Answered | undefined {
  const shows = (quirk: Parameters<typeof shown>[0]): boolean => shown(quirk, { work: codigoObra, instant: `${date} ${time}` });
  if (shows("outage") || shows("drops-before-storing")) return { reply: jsonReply(503, {}), delivery: "drop", logged: { outcome: "fault" } };
  if (shows("hangs-before-storing")) return { reply: jsonReply(503, {}), delivery: "hang", logged: { outcome: "fault" } };
  if (world.abuse.blockedUntil(centre, nowMs) !== undefined || shows("blocked-403")) return { reply: htmlReply(403, "Request Rejected"), logged: { outcome: "blocked" } };
  if (shows("blocked-429")) return { reply: htmlReply(429, "Too Many Requests"), logged: { outcome: "blocked" } };
  if (shows("http-500")) return { reply: jsonReply(500, { status: "500", message: "Error interno" }), logged: { outcome: "fault" } };
  if (shows("http-503")) return { reply: htmlReply(503, "Service Unavailable"), logged: { outcome: "fault" } };
  if (shows("html-page")) return { reply: htmlReply(200, "Mantenimiento"), logged: { outcome: "fault" } };
  return undefined;
}

/** Who sends is looked at before what is sent. */
function refusalOf({ codigoObra, centre, informant, password, date, time }: Sent, { shows }: RegulatorAsk, world: RegulatorWorld): string | undefined {
  const { works } = world;
  const notInformant = `Usuario no es el informante registrado en la Obra ${codigoObra}`;
  if (shows("not-informant", { work: codigoObra, instant: `${date} ${time}` })) return notInformant;
  if (isAnybodys(world, codigoObra)) return undefined;
  const known = [...works.values()].filter(({ informantRut }) => informantRut === informant);
  if (!known.some((work) => work.password === password)) return "Usuario o contraseña no válidos";
  const work = works.get(codigoObra);
  if (work === undefined) return "La obra no existe";
  if (work.informantRut !== informant) return notInformant;
  return work.centreRut === centre ? undefined : "El Centro de Control no está registrado";
}

function duplicate(voucher: string, shows: (quirk: "duplicate-without-voucher" | "duplicate-in-capitals") => boolean, logged: Logged): Answered {
  const said = "Ya existe un registro en esa fecha, hora para la obra.";
  if (shows("duplicate-without-voucher")) return refusal(400, { status: "01", message: said }, logged);
  const message = shows("duplicate-in-capitals") ? `${said.toUpperCase()} COMPROBANTE:  ${voucher}` : `${said} Comprobante: ${voucher}`;
  return refusal(400, { status: "01", message }, logged);
}

function asked(kind: Kind, { query, shows }: RegulatorAsk, { held }: RegulatorWorld): Answered {
  const [codigoObra, voucher] = [query.get("codigoObra") ?? "", query.get("numeroComprobante") ?? ""];
  const found = held.under({ regulator: "dga", codigoObra, voucher });
  const instant = found === undefined ? "" : `${found.date} ${found.time}`;
  const logged = { codigoObra, voucher, instant: found === undefined ? null : instant, instantMs: found?.instantMs ?? null };
  const about = { work: codigoObra, instant };
  const isSlow = shows("slow", about);
  if (shows("outage", about)) return { reply: jsonReply(503, {}), delivery: "drop", logged: { ...logged, outcome: "fault" } };
  if (shows("get-500", about)) return { reply: jsonReply(500, { status: "500", message: "Error interno" }), isSlow, logged: { ...logged, outcome: "fault" } };
  if (found === undefined || found.path !== kind.path || shows("get-not-found", about)) {
    return { reply: jsonReply(200, { status: "02", message: "No existe un registro para el comprobante indicado" }), isSlow, logged: { ...logged, outcome: "not-found" } };
  }
  const data = told(kind, found, { isPadded: shows("get-padded", about), isOther: shows("get-other-value", about) });
  return { reply: jsonReply(200, { status: "00", message: "Consulta exitosa", data }), isSlow, logged: { ...logged, outcome: "found" } };
}

function refusal(status: number, said: { readonly status: string; readonly message: string }, logged: Logged): Answered {
  return { reply: jsonReply(status, said), logged };
}
