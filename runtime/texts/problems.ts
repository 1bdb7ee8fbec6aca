import type { ErrorCode, ParkReason } from "@caudal/core";
import type { Text } from "./language.ts";
import { parkReasonTexts } from "./reasons.ts";

/** One problem that an interface may answer with. */
export interface ProblemRow {
  /** HTTP status unless the thrower says another. */
  readonly status: number;
  readonly title: Text;
  /** The next step of whoever gets it. */
  readonly next: Text;
}

/** Problems that only interfaces have. */
const interfaceProblems = {
  "invalid-parameter": {
    status: 400,
    title: { en: "A parameter is not valid", es: "Un parámetro no es válido" },
    next: { en: "Correct the parameters named in errors; /openapi.json describes each.", es: "Corrija los parámetros indicados en errors; /openapi.json describe cada uno." },
  },
  "invalid-body": {
    status: 400,
    title: { en: "The body is not valid", es: "El cuerpo no es válido" },
    next: { en: "Correct the fields named in errors; /openapi.json describes each.", es: "Corrija los campos indicados en errors; /openapi.json describe cada uno." },
  },
  "invalid-cursor": {
    status: 400,
    title: { en: "The cursor is not valid", es: "El cursor no es válido" },
    next: { en: "Start again without a cursor.", es: "Empiece otra vez sin cursor." },
  },
  "none-accepted": {
    status: 400,
    title: { en: "No reading was accepted", es: "No se aceptó ninguna lectura" },
    next: { en: "Correct each row as its error says and send them again.", es: "Corrija cada fila según su error y envíelas otra vez." },
  },
  "token-in-url": {
    status: 400,
    title: { en: "A token stands in the URL", es: "Hay un token en la URL" },
    next: { en: "Send it as `Authorization: Bearer …`, and revoke this one: URLs are logged.", es: "Envíelo como `Authorization: Bearer …` y revoque este: las URL quedan registradas." },
  },
  "bad-escape": {
    status: 400,
    title: { en: "The path is not validly escaped", es: "La ruta no está bien codificada" },
    next: { en: "Percent-encode the path as UTF-8.", es: "Codifique la ruta con porcentaje en UTF-8." },
  },
  unauthenticated: {
    status: 401,
    title: { en: "Nobody is signed in", es: "No hay sesión iniciada" },
    next: { en: "Send `Authorization: Bearer <token>`; `caudal tokens create` makes one.", es: "Envíe `Authorization: Bearer <token>`; `caudal tokens create` crea uno." },
  },
  "invalid-token": {
    status: 401,
    title: { en: "The token is not valid", es: "El token no es válido" },
    next: { en: "Use a token that exists and was not revoked; `caudal tokens ls` lists them.", es: "Use un token que exista y no esté revocado; `caudal tokens ls` los lista." },
  },
  "webhook-refused": {
    status: 401,
    title: { en: "The webhook is not known, or does not prove itself", es: "El webhook no existe o no se acredita" },
    next: { en: "Name a kind and client of config/webhooks.yaml, and send the secret, password or signature that it asks for.", es: "Indique un tipo y un cliente de config/webhooks.yaml y envíe el secreto, la contraseña o la firma que pide." },
  },
  "origin-refused": {
    status: 403,
    title: { en: "The request comes from another site", es: "La solicitud viene de otro sitio" },
    next: { en: "Open the page at the address of this server.", es: "Abra la página en la dirección de este servidor." },
  },
  "client-not-allowed": {
    status: 403,
    title: { en: "This client is outside your scope", es: "Este cliente está fuera de su alcance" },
    next: { en: "Name a client of your scope, or ask an administrator.", es: "Indique un cliente de su alcance o consulte a un administrador." },
  },
  "point-not-found": {
    status: 404,
    title: { en: "There is no such point", es: "No existe ese punto" },
    next: { en: "GET /api/v1/points lists the points that you may see.", es: "GET /api/v1/points lista los puntos que puede ver." },
  },
  "device-not-found": {
    status: 404,
    title: { en: "There is no such device", es: "No existe ese equipo" },
    next: { en: "GET /api/v1/devices lists the devices that you may see.", es: "GET /api/v1/devices lista los equipos que puede ver." },
  },
  "parked-not-found": {
    status: 404,
    title: { en: "There is no such parked event", es: "No existe ese evento apartado" },
    next: { en: "GET /api/v1/parked lists what is parked.", es: "GET /api/v1/parked lista lo apartado." },
  },
  "decision-not-found": {
    status: 404,
    title: { en: "There is no such decision", es: "No existe esa decisión" },
    next: { en: "GET /api/v1/totaliser/decisions lists the decisions that you may see.", es: "GET /api/v1/totaliser/decisions lista las decisiones que puede ver." },
  },
  "decision-gone": {
    status: 409,
    title: { en: "The decision no longer holds", es: "La decisión ya no rige" },
    next: { en: "List the decisions of the point again: another one holds for that count, or none.", es: "Liste de nuevo las decisiones del punto: rige otra para esa cuenta, o ninguna." },
  },
  "job-not-found": {
    status: 404,
    title: { en: "There is no such job", es: "No existe ese trabajo" },
    next: { en: "Jobs are of the process that began them and gone with it; start it again.", es: "Los trabajos son del proceso que los inició y terminan con él; inícielo otra vez." },
  },
  "job-running": {
    status: 409,
    title: { en: "A job of that kind is running", es: "Un trabajo de ese tipo está en marcha" },
    next: { en: "Wait for it, or cancel it with DELETE on the job.", es: "Espérelo, o cancélelo con DELETE sobre el trabajo." },
  },
  "token-not-found": {
    status: 404,
    title: { en: "There is no such token", es: "No existe ese token" },
    next: { en: "GET /api/v1/tokens lists the tokens.", es: "GET /api/v1/tokens lista los tokens." },
  },
  "second-person": {
    status: 403,
    title: { en: "Another person must decide on this", es: "Otra persona debe decidir esto" },
    next: { en: "Ask somebody with a token of their own; who proposed an edit neither approves nor declines it.", es: "Pídalo a alguien con un token propio; quien propuso una edición no la aprueba ni la rechaza." },
  },
  "obra-not-found": {
    status: 404,
    title: { en: "There is no such work", es: "No existe esa obra" },
    next: { en: "GET /api/v1/compliance/obras lists the works that you may see.", es: "GET /api/v1/compliance/obras lista las obras que puede ver." },
  },
  "slot-not-found": {
    status: 404,
    title: { en: "The work has no slot at that instant", es: "La obra no tiene una medición debida en ese instante" },
    next: { en: "GET …/slots lists the slots of the work; a slot is named by its instant, 2026-06-11T17:00:00Z.", es: "GET …/slots lista los instantes de la obra; uno se nombra por su instante, 2026-06-11T17:00:00Z." },
  },
  "edit-not-found": {
    status: 404,
    title: { en: "No edit of this slot waits", es: "No hay una edición pendiente de este instante" },
    next: { en: "GET /api/v1/compliance/review lists what waits, with its edits.", es: "GET /api/v1/compliance/review lista lo pendiente, con sus ediciones." },
  },
  "edit-waits": {
    status: 409,
    title: { en: "An edit of this slot waits already", es: "Ya hay una edición pendiente de este instante" },
    next: { en: "A second person approves or declines that one first.", es: "Primero una segunda persona aprueba o rechaza esa." },
  },
  "edit-overtaken": {
    status: 409,
    title: { en: "The slot changed after the edit was proposed", es: "El instante cambió después de proponer la edición" },
    next: { en: "Look at the slot as it is now, and propose again where that is still wanted.", es: "Revise cómo está ahora y proponga otra vez si aún corresponde." },
  },
  "edit-lowers": {
    status: 422,
    title: { en: "A measured value may not be lowered", es: "Un valor medido no se puede rebajar" },
    next: { en: "Confirm what was measured. Where the instrument was at fault, say so with code instrument-fault: reports tell it.", es: "Confirme lo medido. Si el instrumento falló, indíquelo con code instrument-fault: los informes lo dicen." },
  },
  "cannot-be-frozen": {
    status: 422,
    title: { en: "These values cannot be sent as they are", es: "Estos valores no se pueden enviar así" },
    next: { en: "Propose an edit that gives what is missing, or annul the slot with a reason.", es: "Proponga una edición que dé lo que falta, o anule el instante con un motivo." },
  },
  "method-not-allowed": {
    status: 405,
    title: { en: "The path does not take this method", es: "La ruta no admite este método" },
    next: { en: "Use a method that the Allow header names.", es: "Use un método de los que indica el encabezado Allow." },
  },
  "not-acceptable": {
    status: 406,
    title: { en: "No such format", es: "No existe ese formato" },
    next: { en: "Ask for a format that /openapi.json lists.", es: "Pida un formato de los que lista /openapi.json." },
  },
  "request-timeout": {
    status: 408,
    title: { en: "The request took too long to arrive", es: "La solicitud tardó demasiado en llegar" },
    next: { en: "Send it again.", es: "Envíela otra vez." },
  },
  "state-conflict": {
    status: 409,
    title: { en: "Its state does not allow this", es: "Su estado no lo permite" },
    next: { en: "Read it again and decide anew.", es: "Léalo otra vez y decida de nuevo." },
  },
  "token-limit": {
    status: 409,
    title: { en: "There are as many tokens as there may be", es: "Ya hay tantos tokens como puede haber" },
    next: { en: "Revoke one that is no longer used, then create this one.", es: "Revoque uno que ya no se use y luego cree este." },
  },
  "ambiguous-token": {
    status: 409,
    title: { en: "Several tokens have this name", es: "Varios tokens tienen este nombre" },
    next: { en: "Name one by its id; GET /api/v1/tokens lists them.", es: "Indique uno por su id; GET /api/v1/tokens los lista." },
  },
  "parked-gone": {
    status: 410,
    title: { en: "The bytes of this event are no longer kept", es: "Los bytes de este evento ya no se conservan" },
    next: { en: "Nothing needs to be done: it was replayed or discarded, as GET /api/v1/parked says.", es: "No hay nada que hacer: fue reprocesado o descartado, como indica GET /api/v1/parked." },
  },
  "position-gone": {
    status: 410,
    title: { en: "The position is no longer kept", es: "La posición ya no se conserva" },
    next: { en: "Load the present state and follow from there.", es: "Cargue el estado actual y siga desde ahí." },
  },
  "precondition-failed": {
    status: 412,
    title: { en: "It was changed meanwhile", es: "Fue modificado entretanto" },
    next: { en: "Read it again, apply your change and send the new ETag in If-Match.", es: "Léalo otra vez, aplique su cambio y envíe el nuevo ETag en If-Match." },
  },
  "unsupported-media-type": {
    status: 415,
    title: { en: "The content type is not read here", es: "Este tipo de contenido no se lee aquí" },
    next: { en: "Send a content type that the detail lists.", es: "Envíe un tipo de contenido de los que lista el detalle." },
  },
  "form-refused": {
    status: 415,
    title: { en: "A form's content type is refused", es: "Se rechaza el tipo de contenido de un formulario" },
    next: { en: "Say what you send, for instance -H 'Content-Type: application/json'.", es: "Indique qué envía, por ejemplo -H 'Content-Type: application/json'." },
  },
  "unsupported-encoding": {
    status: 415,
    title: { en: "Compressed bodies are refused", es: "Se rechazan los cuerpos comprimidos" },
    next: { en: "Send the body without Content-Encoding.", es: "Envíe el cuerpo sin Content-Encoding." },
  },
  "host-refused": {
    status: 421,
    title: { en: "The Host is not a name of this server", es: "El Host no es un nombre de este servidor" },
    next: { en: "Use the address that the server printed, or add the name to its settings.", es: "Use la dirección que mostró el servidor, o agregue el nombre a su configuración." },
  },
  "idempotency-mismatch": {
    status: 422,
    title: { en: "The Idempotency-Key was used with another body", es: "La Idempotency-Key ya se usó con otro cuerpo" },
    next: { en: "Send a new key with a new body.", es: "Envíe una clave nueva con un cuerpo nuevo." },
  },
  "too-many-requests": {
    status: 429,
    title: { en: "Too many requests", es: "Demasiadas solicitudes" },
    next: { en: "Wait as long as Retry-After says.", es: "Espere lo que indica Retry-After." },
  },
  internal: {
    status: 500,
    title: { en: "A fault of the server", es: "Una falla del servidor" },
    next: { en: "Try again; if it stays, report the instance to whoever runs the server.", es: "Intente otra vez; si persiste, informe la instancia a quien opera el servidor." },
  },
  overloaded: {
    status: 503,
    title: { en: "The server is at its limit", es: "El servidor está en su límite" },
    next: { en: "Wait as long as Retry-After says.", es: "Espere lo que indica Retry-After." },
  },
  stopping: {
    status: 503,
    title: { en: "The server is stopping", es: "El servidor se está deteniendo" },
    next: { en: "Try again in a moment.", es: "Intente otra vez en un momento." },
  },
} as const satisfies Record<string, ProblemRow>;

/** Problems that come from a port's error. `too-large` and the like are shared with the reasons to park. */
const errorProblems = {
  "duplicate-key": {
    status: 409,
    title: { en: "It exists already", es: "Ya existe" },
    next: { en: "Choose another name, or change the one that exists.", es: "Elija otro nombre, o modifique el que existe." },
  },
  "version-conflict": {
    status: 412,
    title: { en: "It was changed meanwhile", es: "Fue modificado entretanto" },
    next: { en: "Read it again and apply your change to what it says now.", es: "Léalo otra vez y aplique su cambio a lo que dice ahora." },
  },
  "stale-generation": {
    status: 503,
    title: { en: "Another process took over", es: "Otro proceso tomó el control" },
    next: { en: "Try again in a moment.", es: "Intente otra vez en un momento." },
  },
  "offset-out-of-range": {
    status: 410,
    title: { en: "The position is no longer kept", es: "La posición ya no se conserva" },
    next: { en: "Load the present state and follow from there.", es: "Cargue el estado actual y siga desde ahí." },
  },
  "unknown-topic": {
    status: 500,
    title: { en: "A topic is missing", es: "Falta un tópico" },
    next: { en: "Report it to whoever runs the server.", es: "Informe a quien opera el servidor." },
  },
  forbidden: {
    status: 403,
    title: { en: "Not allowed", es: "No permitido" },
    next: { en: "Use a token whose role allows this, or ask an administrator.", es: "Use un token cuyo rol lo permita, o consulte a un administrador." },
  },
  "bad-request": {
    status: 400,
    title: { en: "The request is not valid", es: "La solicitud no es válida" },
    next: { en: "Correct what the detail says.", es: "Corrija lo que indica el detalle." },
  },
  "not-found": {
    status: 404,
    title: { en: "There is nothing here", es: "Aquí no hay nada" },
    next: { en: "/openapi.json lists every path.", es: "/openapi.json lista todas las rutas." },
  },
  "too-large": {
    status: 413,
    title: { en: "Too large", es: "Demasiado grande" },
    next: { en: "Send it in smaller parts.", es: "Envíelo en partes más pequeñas." },
  },
  unavailable: {
    status: 503,
    title: { en: "Not available now", es: "No disponible ahora" },
    next: { en: "Try again in a moment.", es: "Intente otra vez en un momento." },
  },
  "storage-full": {
    status: 503,
    title: { en: "The disk is full", es: "El disco está lleno" },
    next: { en: "Free space on the server's data folder.", es: "Libere espacio en la carpeta de datos del servidor." },
  },
  corrupt: {
    status: 500,
    title: { en: "Stored data is damaged", es: "Los datos guardados están dañados" },
    next: { en: "Report it to whoever runs the server.", es: "Informe a quien opera el servidor." },
  },
  closed: {
    status: 503,
    title: { en: "The server is stopping", es: "El servidor se está deteniendo" },
    next: { en: "Try again in a moment.", es: "Intente otra vez en un momento." },
  },
  "in-use": {
    status: 409,
    title: { en: "In use by another", es: "En uso por otro" },
    next: { en: "Stop the other one, or choose another.", es: "Detenga el otro, o elija otro." },
  },
  timeout: {
    status: 504,
    title: { en: "No answer in time", es: "Sin respuesta a tiempo" },
    next: { en: "Look whether it took effect before you send it again.", es: "Verifique si tuvo efecto antes de enviarlo otra vez." },
  },
  setting: {
    status: 500,
    title: { en: "A setting is not valid", es: "Una configuración no es válida" },
    next: { en: "Correct the setting that the detail names.", es: "Corrija la configuración que indica el detalle." },
  },
} as const satisfies Record<ErrorCode, ProblemRow>;

export type ProblemCode = keyof typeof interfaceProblems | ErrorCode | ParkReason;

const parkStatus: Partial<Record<ParkReason, number>> = { "too-large": 413, "unsupported-format": 415, "rejected-by-store": 503 };

function parkProblems(): Record<ParkReason, ProblemRow> {
  const rows = Object.entries(parkReasonTexts).map(([code, texts]) => [code, { status: parkStatus[code as ParkReason] ?? 400, ...texts }]);
  return Object.fromEntries(rows) as Record<ParkReason, ProblemRow>;
}

/** Every problem by its stable code: those of interfaces, of ports, and the reasons to refuse a reading. */
export const problems: Readonly<Record<ProblemCode, ProblemRow>> = { ...parkProblems(), ...errorProblems, ...interfaceProblems };
