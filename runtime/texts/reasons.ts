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
} as const satisfies Record<FlagReason, Text>;

/** Why a group let go of a sample on purpose. */
export const dropReasonTexts = {
  duplicate: { en: "Already known with the same value", es: "Ya se conocía con el mismo valor" },
  "retained-without-time": { en: "A retained message without a time: nobody knows how old it is", es: "Mensaje retenido sin hora: no se sabe su antigüedad" },
  "no-value": { en: "The key carries no value", es: "La clave no trae valor" },
  "not-numeric": { en: "The value is text, not a measurement", es: "El valor es texto, no una medición" },
} as const satisfies Record<DropReason, Text>;

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
