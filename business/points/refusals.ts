import type { RefusedChange, RefusedWhy } from "@caudal/core";
import { fill, Problem, type Text } from "@caudal/runtime";

interface RefusalText {
  readonly detail: Text;
  readonly next: Text;
}

/** What is said of each refusal, and the next step; `{name}` stands for one of its values. */
const texts: Record<RefusedWhy, RefusalText> = {
  "name-length": {
    detail: { en: "a name has from 1 to {most} characters", es: "un nombre tiene de 1 a {most} caracteres" },
    next: { en: "Send a shorter name, and one that is not blank.", es: "Envíe un nombre más corto y que no esté en blanco." },
  },
  period: {
    detail: { en: "the period is a positive number of seconds", es: "el período es un número positivo de segundos" },
    next: { en: "Send seconds above zero, or null to learn it from the data.", es: "Envíe segundos sobre cero, o null para aprenderlo de los datos." },
  },
  "no-device": {
    detail: { en: "the point has no device whose keys could change", es: "el punto no tiene un dispositivo cuyas claves puedan cambiar" },
    next: { en: "Leave `variables` out.", es: "Omita `variables`." },
  },
  "unknown-device": {
    detail: { en: "{device} does not feed this point", es: "{device} no alimenta este punto" },
    next: { en: "Name one of the devices that `variables` of the point shows.", es: "Indique uno de los dispositivos que muestra `variables` del punto." },
  },
  "unknown-key": {
    detail: { en: "no device of this point sends the key {key}", es: "ningún dispositivo de este punto envía la clave {key}" },
    next: { en: "Name a key that `variables` of the point shows.", es: "Indique una clave que muestre `variables` del punto." },
  },
  "ambiguous-key": {
    detail: { en: "several devices send the key {key}: {devices}", es: "varios dispositivos envían la clave {key}: {devices}" },
    next: { en: "Say which one in `device`.", es: "Indique cuál en `device`." },
  },
  channel: {
    detail: { en: "a channel has at most 64 characters, none of them a control character", es: "un canal tiene como máximo 64 caracteres, ninguno de control" },
    next: { en: "Send a short name, or an empty one for the device's main point.", es: "Envíe un nombre corto, o uno vacío para el punto principal del dispositivo." },
  },
  "variable-id": {
    detail: { en: "{variable} cannot be the name of a variable", es: "{variable} no puede ser el nombre de una variable" },
    next: { en: "Use lower-case letters, digits and underscores, a letter first; GET /api/v1/variables lists the known ones.", es: "Use letras minúsculas, dígitos y guiones bajos, primero una letra; GET /api/v1/variables lista las conocidas." },
  },
  "unit-length": {
    detail: { en: "a unit has at most {most} characters", es: "una unidad tiene como máximo {most} caracteres" },
    next: { en: "Send its short sign; GET /api/v1/units lists them.", es: "Envíe su símbolo corto; GET /api/v1/units los lista." },
  },
  unit: {
    detail: { en: "{variable} is not measured in {unit}", es: "{variable} no se mide en {unit}" },
    next: { en: "Send one of {units}, or another variable.", es: "Envíe una de {units}, u otra variable." },
  },
  "shared-variable": {
    detail: { en: "the keys {other} and {key} of one device cannot both be {variable}", es: "las claves {other} y {key} de un mismo dispositivo no pueden ser ambas {variable}" },
    next: { en: "Give one of them another variable, ignore it, or move it to a channel.", es: "Dé a una otra variable, ignórela o muévala a un canal." },
  },
  "unknown-point": {
    detail: { en: "the client has no point {point}", es: "el cliente no tiene el punto {point}" },
    next: { en: "Name a point of the same client; GET /api/v1/points lists them.", es: "Indique un punto del mismo cliente; GET /api/v1/points los lista." },
  },
  limit: {
    detail: { en: "{limit} is not a number that a limit can be", es: "{limit} no es un número que un límite pueda tener" },
    next: { en: "Send a finite number, above zero for rates and times, or null for the default.", es: "Envíe un número finito, sobre cero para tasas y tiempos, o null para el valor por defecto." },
  },
  "limit-unknown": {
    detail: { en: "{limit} is no limit of a variable", es: "{limit} no es un límite de una variable" },
    next: { en: "Send one of {limits}.", es: "Envíe uno de {limits}." },
  },
  "min-above-max": {
    detail: { en: "min {min} is above max {max}", es: "min {min} es mayor que max {max}" },
    next: { en: "Send both so that min is not above max.", es: "Envíe ambos de modo que min no supere a max." },
  },
  "limits-elsewhere": {
    detail: { en: "the key {key} feeds point {point}, where its limits are set", es: "la clave {key} alimenta el punto {point}, donde se fijan sus límites" },
    next: { en: "Set the limits at that point.", es: "Fije los límites en ese punto." },
  },
  "too-many-entries": {
    detail: { en: "a device's keys may change their meaning {most} times", es: "las claves de un dispositivo pueden cambiar de significado {most} veces" },
    next: { en: "Leave `validFrom` out, which replaces what held before.", es: "Omita `validFrom`, lo que reemplaza lo anterior." },
  },
  "too-many-feeders": {
    detail: { en: "{most} other devices feed that point", es: "otros {most} dispositivos alimentan ese punto" },
    next: { en: "Feed another point.", es: "Alimente otro punto." },
  },
  "feed-period": {
    detail: { en: "the key {key} would feed a point up to a time that is not after its first", es: "la clave {key} alimentaría un punto hasta una hora que no es posterior a la primera" },
    next: { en: "Send a validUntil after validFrom, or leave one of them out.", es: "Envíe un validUntil posterior a validFrom, u omita uno de los dos." },
  },
  "feed-ignored": {
    detail: { en: "the key {key} is ignored, so it feeds nothing", es: "la clave {key} está ignorada, así que no alimenta nada" },
    next: { en: "Say at the device's point what it means first.", es: "Indique primero qué significa, en el punto del dispositivo." },
  },
  "fed-already": {
    detail: { en: "the key {key} is {variable} of point {point} already", es: "la clave {key} ya es {variable} del punto {point}" },
    next: { en: "Leave that point out, or feed another variable of it.", es: "Omita ese punto, o alimente otra variable de él." },
  },
  "fed-by-other": {
    detail: { en: "{variable} of point {point} comes from the key {other} of device {device} at that time", es: "{variable} del punto {point} viene en ese período de la clave {other} del dispositivo {device}" },
    next: { en: "End the other one first, ignore its key, or name times that do not overlap.", es: "Termine antes la otra, ignore su clave, o indique períodos que no se superpongan." },
  },
  "fed-elsewhere": {
    detail: { en: "the key {key} of device {device} feeds this point beside its own; what it means is not said here", es: "la clave {key} del dispositivo {device} alimenta este punto además del propio; aquí no se define qué significa" },
    next: { en: "Change it at its own point, or take the point away with PUT /api/v1/devices/…/feeds.", es: "Cámbiela en su propio punto, o quite el punto con PUT /api/v1/devices/…/feeds." },
  },
  "too-many-feeds": {
    detail: { en: "a key feeds at most 2000 points besides its own, and a device has at most 4000 periods of that; {most} are passed", es: "una clave alimenta como máximo 2000 puntos además del propio, y un dispositivo tiene como máximo 4000 períodos; se pasan {most}" },
    next: { en: "Take points away that it no longer serves, or use a second device.", es: "Quite puntos que ya no atiende, o use un segundo dispositivo." },
  },
  "setting-unknown": {
    detail: { en: "{setting} is no setting of a point", es: "{setting} no es un ajuste de un punto" },
    next: { en: "Send one of the documented settings, such as pulseFactorL.", es: "Envíe uno de los ajustes documentados, como pulseFactorL." },
  },
  "setting-value": {
    detail: { en: "{setting} is {met}; expected {fitting}", es: "{setting} es {met}; se esperaba {fitting}" },
    next: { en: "Send a value that fits: {fitting}; or null to unset it.", es: "Envíe un valor que sirva: {fitting}; o null para quitarlo." },
  },
  "setting-time": {
    detail: { en: "{setting} is no instant", es: "{setting} no es un instante" },
    next: { en: "Send a time such as 2026-03-01T12:00:00Z, or null for the first reading.", es: "Envíe una hora como 2026-03-01T12:00:00Z, o null para la primera lectura." },
  },
  "too-many-periods": {
    detail: { en: "a point has at most {most} periods of settings, and as many of limits", es: "un punto tiene como máximo {most} períodos de ajustes, y otros tantos de límites" },
    next: { en: "Leave `validFrom` out, which replaces what held before.", es: "Omita `validFrom`, lo que reemplaza lo anterior." },
  },
  "client-id": {
    detail: { en: "{met} cannot be the id of a client", es: "{met} no puede ser el id de un cliente" },
    next: { en: "Use a-z, 0-9 and dashes inside, at most 63 characters.", es: "Use a-z, 0-9 y guiones en medio, como máximo 63 caracteres." },
  },
  "device-id": {
    detail: { en: "{met} cannot be the id of a device", es: "{met} no puede ser el id de un dispositivo" },
    next: { en: "Use from 1 to 256 characters, none of them a control character.", es: "Use de 1 a 256 caracteres, ninguno de control." },
  },
  "key-length": {
    detail: { en: "a key has from 1 to {most} characters", es: "una clave tiene de 1 a {most} caracteres" },
    next: { en: "Write the key as the device sends it.", es: "Escriba la clave como la envía el dispositivo." },
  },
  repeated: {
    detail: { en: "{what} is said twice from the same instant", es: "{what} se indica dos veces desde el mismo instante" },
    next: { en: "Leave one of them, or give one another `validFrom`.", es: "Deje uno de ellos o dé a uno otro `validFrom`." },
  },
  "client-erased": {
    detail: { en: "client {client} was erased", es: "el cliente {client} fue eliminado" },
    next: { en: "An administrator lets it in again: caudal clients create {client}.", es: "Un administrador lo ingresa otra vez: caudal clients create {client}." },
  },
};

/** What is said of a refusal, and the next step, in both languages. */
export function refusalText(why: RefusedWhy, values: Readonly<Record<string, string>> = {}): RefusalText {
  return { detail: filled(texts[why].detail, values), next: filled(texts[why].next, values) };
}

function filled(text: Text, values: Readonly<Record<string, string>>): Text {
  return { en: fill(text, "en", values), es: fill(text, "es", values) };
}

/** The refusal as an answer that names the field of the request; `keys` are its `variables` (or another `list`), in its order. */
export function problemOf(refused: RefusedChange, keys: readonly { readonly key: string }[], list = "variables"): Problem {
  const { field, change, values = {} } = refused.place;
  const at = keys.findIndex((key) => key === change);
  const path = ["body", ...(at >= 0 ? [list, String(at)] : []), ...(field === "" ? [list] : [field])].join(".");
  const detail = filled(texts[refused.why].detail, values);
  return new Problem("invalid-body", { field: path, detail, next: filled(texts[refused.why].next, values), errors: [{ field: path, detail }], cause: refused });
}
