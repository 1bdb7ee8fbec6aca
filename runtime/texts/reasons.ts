import type { DropReason, FlagReason, ParkReason } from "@caudal/core";
import type { Text } from "./language.ts";

/** What each flag of a fact means to the person who reads it. Keys are QARTOD's numbers. */
export const flagTexts = {
  1: { en: "Good", es: "Bueno" },
  2: { en: "Not evaluated", es: "Sin evaluar" },
  3: { en: "Suspect", es: "Sospechoso" },
  4: { en: "Bad", es: "Malo" },
  9: { en: "Missing", es: "Faltante" },
} as const satisfies Record<number, Text>;

/** Why a fact has the flag it has. */
export const flagReasonTexts = {
  "above-range": { en: "Above the range expected here", es: "Sobre el rango esperado aquí" },
  "below-range": { en: "Below the range expected here", es: "Bajo el rango esperado aquí" },
  rate: { en: "Changes faster than expected", es: "Cambia más rápido de lo esperado" },
  "flat-line": { en: "Has not changed for too long", es: "No cambia hace demasiado tiempo" },
  "gap-before": { en: "Readings are missing before this one", es: "Faltan lecturas antes de esta" },
  "clock-ahead": { en: "The device's clock is ahead", es: "El reloj del equipo está adelantado" },
  late: { en: "Arrived late", es: "Llegó tarde" },
  "edge-time": { en: "The source gave no time; this is when it arrived", es: "La fuente no dio hora; es la hora de llegada" },
  sentinel: { en: "The source's code for an invalid value", es: "Código de la fuente para un valor inválido" },
  "not-a-number": { en: "The source said that it has no number", es: "La fuente indicó que no hay número" },
  "total-decreased": { en: "The total went down", es: "El totalizador disminuyó" },
  "no-neighbour": { en: "Nothing near enough to compare with", es: "No hay lecturas cercanas para comparar" },
  withdrawn: { en: "Taken back", es: "Retirado" },
  "counter-reset": { en: "The counter began anew", es: "El contador comenzó de nuevo" },
  rollover: { en: "The counter went round and on from zero", es: "El contador dio la vuelta y siguió desde cero" },
  "meter-swap": { en: "The meter was changed", es: "Se cambió el medidor" },
  jitter: { en: "The counter wobbled backwards a little", es: "El contador osciló un poco hacia atrás" },
  truncated: { en: "Digits seem to be cut off", es: "Parece que faltan dígitos" },
  "zero-kept": { en: "Zero after a count: waits until others confirm it", es: "Cero después de una cuenta: espera confirmación" },
  jump: { en: "Grew faster than expected", es: "Creció más rápido de lo esperado" },
  estimated: { en: "What passed in this interval is estimated", es: "Lo que pasó en este intervalo es estimado" },
  ignored: { en: "A person said that it does not count", es: "Una persona indicó que no cuenta" },
  spike: { en: "Stands out from both neighbours", es: "Se aparta de ambas lecturas vecinas" },
  "impossible-level": { en: "Water cannot stand there", es: "El agua no puede estar ahí" },
  corrected: { en: "A person said this value", es: "Una persona indicó este valor" },
  "stuck-totaliser": { en: "The count stands still while water flows", es: "La cuenta no avanza mientras pasa agua" },
  "beyond-right": { en: "Above the water right", es: "Sobre el derecho de aprovechamiento" },
} as const satisfies Record<FlagReason, Text>;

/** Why a group let go of a sample on purpose. */
export const dropReasonTexts = {
  duplicate: { en: "Already known with the same value", es: "Ya se conocía con el mismo valor" },
  "client-erased": { en: "The client was erased: nothing of it is taken in until it is created again", es: "El cliente fue eliminado: nada suyo se ingresa hasta que se cree de nuevo" },
  "retained-without-time": { en: "A retained message without a time: nobody knows how old it is", es: "Mensaje retenido sin hora: no se sabe su antigüedad" },
  "no-value": { en: "The key carries no value", es: "La clave no trae valor" },
  "not-numeric": { en: "The value is text, not a measurement", es: "El valor es texto, no una medición" },
} as const satisfies Record<DropReason, Text>;

/** Why a slot waits for a person, or has nothing: the regulator's own codes for what cannot be sent among them. */
export const slotReasonTexts = {
  "no-data": { en: "Nothing was measured around its instant", es: "No hay mediciones en torno a su instante" },
  "flow-required": { en: "The flow is missing", es: "Falta el caudal" },
  "total-required": { en: "The totaliser is missing", es: "Falta el totalizador" },
  "level-required": { en: "The depth to water is missing", es: "Falta el nivel freático" },
  "stage-required": { en: "The stage is missing", es: "Falta la altura limnimétrica" },
  "partial-sum": { en: "One of several meters has no value at that instant, so there is no sum", es: "Uno de varios medidores no tiene valor en ese instante, por lo que no hay suma" },
  "invalid-value": { en: "The source gave an error code or an impossible value", es: "La fuente entregó un código de error o un valor imposible" },
  "unit-unknown": { en: "Nobody knows the unit of this variable", es: "Se desconoce la unidad de esta variable" },
  negative: { en: "A negative value", es: "Un valor negativo" },
  "beyond-right": { en: "Above the water right", es: "Sobre el derecho de aprovechamiento" },
  "absurd-flow": { en: "More than 1,000 L/s, and no water right is set", es: "Más de 1.000 L/s, sin derecho de aprovechamiento registrado" },
  "stuck-totaliser": { en: "The totaliser stands still while water flows", es: "El totalizador no avanza mientras pasa agua" },
  "zero-total": { en: "The totaliser shows zero", es: "El totalizador marca cero" },
  "flag-suspect": { en: "A measurement is suspect", es: "Una medición es sospechosa" },
  "flag-bad": { en: "A measurement is bad", es: "Una medición es mala" },
  "too-many-digits": { en: "More than 15 digits", es: "Más de 15 dígitos" },
  "not-finite": { en: "Not a finite number", es: "No es un número finito" },
  code: { en: "The work's code or ids are not those of its regulator", es: "El código o los ids de la obra no son los de su regulador" },
  rut: { en: "A RUT is not valid", es: "Un RUT no es válido" },
  "unknown-outcome": { en: "It was sent, nobody knows what came of it, and this regulator does not tell what it has already", es: "Se envió, no se sabe el resultado, y este regulador no indica lo que ya tiene" },
  "known-defect": { en: "The instrument is known to be broken", es: "El instrumento tiene una falla conocida" },
} as const satisfies Record<string, Text>;

/** What holds a slot for review. */
export type SlotReason = keyof typeof slotReasonTexts;

interface ParkText {
  readonly title: Text;
  /** What a person can do about it. */
  readonly next: Text;
}

/** Why an event is kept aside, and what to do about it. */
export const parkReasonTexts = {
  "malformed-json": {
    title: { en: "Not valid JSON", es: "JSON inválido" },
    next: { en: "Mend the JSON at the place named and send it again.", es: "Corrija el JSON en el lugar indicado y envíelo otra vez." },
  },
  "malformed-csv": {
    title: { en: "Not a valid CSV line", es: "Línea CSV inválida" },
    next: { en: "Send whole lines with as many fields as the header names.", es: "Envíe líneas completas con tantos campos como indica el encabezado." },
  },
  "malformed-number": {
    title: { en: "Not a number", es: "No es un número" },
    next: { en: "Write numbers with digits and one decimal point, such as 12.5.", es: "Escriba los números con dígitos y un solo punto decimal, como 12.5." },
  },
  "malformed-binary": {
    title: { en: "Bytes that do not fit their format", es: "Bytes que no corresponden a su formato" },
    next: { en: "Compare the bytes with `caudal mqtt try --payload-hex`; another decoder or format may be meant.", es: "Compare los bytes con `caudal mqtt try --payload-hex`; puede corresponder otro decodificador o formato." },
  },
  "invalid-utf8": {
    title: { en: "Not valid UTF-8 text", es: "Texto que no es UTF-8 válido" },
    next: { en: "Send the text encoded as UTF-8.", es: "Envíe el texto codificado en UTF-8." },
  },
  "too-deep": {
    title: { en: "Nested too deeply", es: "Anidamiento demasiado profundo" },
    next: { en: "Nest less deeply; readings need only a few levels.", es: "Anide menos; las lecturas necesitan pocos niveles." },
  },
  "too-large": {
    title: { en: "Too large", es: "Demasiado grande" },
    next: { en: "Split it into parts of at most 1 MiB.", es: "Divídalo en partes de 1 MiB como máximo." },
  },
  empty: {
    title: { en: "Empty", es: "Vacío" },
    next: { en: "Send at least one reading.", es: "Envíe al menos una lectura." },
  },
  "no-device": {
    title: { en: "Names no device", es: "No indica el equipo" },
    next: { en: "Name the device in the payload, the topic or with ?device=.", es: "Indique el equipo en el contenido, el tópico o con ?device=." },
  },
  "no-samples": {
    title: { en: "Holds no values", es: "No contiene valores" },
    next: { en: "Send at least one key with a value, such as \"flow\": 12.5.", es: "Envíe al menos una clave con su valor, como \"flow\": 12.5." },
  },
  "wrong-type": {
    title: { en: "Of the wrong type", es: "Tipo incorrecto" },
    next: { en: "Send the field with the type named in the detail.", es: "Envíe el campo con el tipo que indica el detalle." },
  },
  "not-finite": {
    title: { en: "Not a finite number", es: "No es un número finito" },
    next: { en: "Send a finite number, or leave the key out when there is none.", es: "Envíe un número finito, u omita la clave si no hay valor." },
  },
  "not-exact": {
    title: { en: "A number that cannot be kept exactly", es: "Número que no se puede guardar con exactitud" },
    next: { en: "Send whole numbers up to 9007199254740991, or the value in a larger unit.", es: "Envíe enteros hasta 9007199254740991, o el valor en una unidad mayor." },
  },
  "awaits-birth": {
    title: { en: "Sparkplug data without its birth", es: "Datos Sparkplug sin su nacimiento" },
    next: { en: "Replay it once the node has published its birth; a rebirth has been asked for.", es: "Reprocese cuando el nodo haya publicado su nacimiento; ya se le pidió." },
  },
  "implausible-time": {
    title: { en: "A time that cannot be right", es: "Hora que no puede ser correcta" },
    next: { en: "Mend the device's clock or the unit of its times, then replay.", es: "Corrija el reloj del equipo o la unidad de sus horas y reprocese." },
  },
  "unmapped-topic": {
    title: { en: "No mapping for this topic", es: "Sin mapeo para este tópico" },
    next: { en: "Add the topic to config/mqtt.yaml, try it with `caudal mqtt try`, then replay.", es: "Agregue el tópico a config/mqtt.yaml, pruébelo con `caudal mqtt try` y reprocese." },
  },
  "unsupported-format": {
    title: { en: "A format that is not known", es: "Formato desconocido" },
    next: { en: "Send one of the documented formats.", es: "Envíe uno de los formatos documentados." },
  },
  "dead-format": {
    title: { en: "A format that is no longer read", es: "Formato que ya no se lee" },
    next: { en: "Set the sender to its current format.", es: "Configure el emisor con su formato actual." },
  },
  "unknown-device": {
    title: { en: "Unknown device", es: "Equipo desconocido" },
    next: { en: "Adopt the device; what was kept is then processed.", es: "Adopte el equipo; lo guardado se procesará entonces." },
  },
  "unknown-client": {
    title: { en: "Unknown client", es: "Cliente desconocido" },
    next: { en: "Create the client or name one that exists, then replay.", es: "Cree el cliente o indique uno existente y reprocese." },
  },
  "device-quota": {
    title: { en: "Too many devices that nobody knows", es: "Demasiados equipos desconocidos" },
    next: { en: "`caudal devices ls --refused` lists them. If they are yours, adopt them or raise CAUDAL_UNKNOWN_DEVICES_PER_HOUR, then replay.", es: "`caudal devices ls --refused` los lista. Si son suyos, adóptelos o suba CAUDAL_UNKNOWN_DEVICES_PER_HOUR y reprocese." },
  },
  "device-not-allowed": {
    title: { en: "Not this sender's device", es: "El equipo no es de este emisor" },
    next: { en: "Send it as its own device, or give the sender's token or certificate the device.", es: "Envíelo con su propio equipo, o asigne el equipo al token o certificado del emisor." },
  },
  "wrong-magic": {
    title: { en: "Not an event of ours", es: "No es un evento nuestro" },
    next: { en: "Find what wrote to the topic without the wire format, then discard it.", es: "Busque qué escribió en el tópico sin el formato y descártelo." },
  },
  "unknown-schema": {
    title: { en: "Written with a schema that nobody registered", es: "Escrito con un esquema que nadie registró" },
    next: { en: "Register the writer's schema, then replay.", es: "Registre el esquema del emisor y reprocese." },
  },
  "corrupt-record": {
    title: { en: "Damaged event", es: "Evento dañado" },
    next: { en: "Find what wrote it; replay after it was mended, or discard it.", es: "Busque qué lo escribió; reprocese una vez corregido, o descártelo." },
  },
  "rejected-by-store": {
    title: { en: "Refused by the store", es: "Rechazado por el almacén" },
    next: { en: "Mend what the detail says, then replay.", es: "Corrija lo que indica el detalle y reprocese." },
  },
} as const satisfies Record<ParkReason, ParkText>;
