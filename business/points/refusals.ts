import type { KeyChange, RefusedChange, RefusedWhy } from "@caudal/core";
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
};

function filled(text: Text, values: Readonly<Record<string, string>>): Text {
  return { en: fill(text, "en", values), es: fill(text, "es", values) };
}

/** The refusal as an answer that names the field of the request; `keys` are its `variables`, in its order. */
export function problemOf(refused: RefusedChange, keys: readonly KeyChange[]): Problem {
  const { field, change, values = {} } = refused.place;
  const at = keys.findIndex((key) => key === change);
  const path = ["body", ...(at >= 0 ? ["variables", String(at)] : []), ...(field === "" ? ["variables"] : [field])].join(".");
  const detail = filled(texts[refused.why].detail, values);
  return new Problem("invalid-body", { field: path, detail, next: filled(texts[refused.why].next, values), errors: [{ field: path, detail }], cause: refused });
}
