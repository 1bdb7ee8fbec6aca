import type { ProviderId } from "../fleet/device.ts";

/**
 * What a quirk is decided for: each request, each window of time, each token, each device, or each row. Those of devices and rows are in the
 * data itself, so they hold for rows from the moment they are switched on and never change a row that was there before.
 */
export type QuirkLevel = "request" | "window" | "token" | "device" | "row";

export interface Quirk {
  readonly level: QuirkLevel;
  /** The share when none is said. */
  readonly share: number;
  /** Undefined: every provider can show it. */
  readonly providers?: readonly ProviderId[];
  readonly en: string;
  readonly es: string;
}

const logins: readonly ProviderId[] = ["tdata", "thingsboard", "hidronet"];
const texts: readonly ProviderId[] = ["thethings-io", "tagoio", "things-stack", "hidronet"];

/** Every quirk, in the order in which the page shows them. */
export const quirks = {
  "http-429": { level: "request", share: 0.05, en: "answers 429 with Retry-After although no limit was exceeded", es: "responde 429 con Retry-After sin que se superara un límite" },
  "http-500": { level: "request", share: 0.05, en: "answers 500", es: "responde 500" },
  "http-503": { level: "request", share: 0.05, en: "answers 503 with Retry-After", es: "responde 503 con Retry-After" },
  "http-400": { level: "request", share: 0.05, en: "answers 400 to a good request", es: "responde 400 a una petición correcta" },
  "http-404": { level: "request", share: 0.02, en: "answers 404 for a device that it knows", es: "responde 404 por un equipo que conoce" },
  "html-page": { level: "request", share: 0.05, en: "answers 200 with an HTML page", es: "responde 200 con una página HTML" },
  "half-json": { level: "request", share: 0.05, en: "cuts the JSON in two, with a whole answer's status", es: "corta el JSON por la mitad, con el estado de una respuesta entera" },
  "hang": { level: "request", share: 0.02, en: "never answers", es: "nunca responde" },
  "reset": { level: "request", share: 0.05, en: "resets the connection in the middle of the body", es: "corta la conexión a mitad del cuerpo" },
  "drip": { level: "request", share: 0.05, en: "sends the body in drops, seconds long", es: "envía el cuerpo gota a gota, durante segundos" },
  "gigantic": { level: "request", share: 0.01, en: "answers with 64 MiB", es: "responde con 64 MiB" },
  "empty": { level: "request", share: 0.05, en: "answers 200 with an empty object or list", es: "responde 200 con un objeto o lista vacíos" },
  "missing-keys": { level: "request", share: 0.05, en: "leaves a key out of the answer", es: "omite una clave en la respuesta" },
  "text-numbers": { level: "request", share: 0.3, en: "writes numbers as text", es: "escribe los números como texto" },
  "duplicates": { level: "request", share: 0.1, en: "gives rows twice in an answer", es: "da filas dos veces en una respuesta" },
  "out-of-order": { level: "request", share: 0.1, en: "gives the rows of an answer out of order", es: "da las filas de una respuesta en desorden" },
  "naive-time": { level: "request", share: 0.1, providers: texts, en: "writes UTC without its Z", es: "escribe UTC sin su Z" },
  "offset-time": { level: "request", share: 0.1, providers: texts, en: "writes the local time of Santiago with its offset", es: "escribe la hora local de Santiago con su desfase" },
  "moving-pages": { level: "request", share: 0.3, en: "rows arrive between one page and the next", es: "llegan filas entre una página y la siguiente" },
  "error-line": { level: "request", share: 0.05, providers: ["things-stack"], en: "puts an error line between the results", es: "pone una línea de error entre los resultados" },
  "auth-storm": { level: "window", share: 0.05, en: "answers 401 to everything for five minutes", es: "responde 401 a todo durante cinco minutos" },
  "outage": { level: "window", share: 0.03, en: "is down for 20 minutes: 503 to everything", es: "cae por 20 minutos: 503 a todo" },
  "stale-repeats": { level: "window", share: 0.1, en: "a device's newest value stays the same for an hour, though newer rows are in its history", es: "el último valor de un equipo se repite por una hora, aunque su historia tiene filas nuevas" },
  "token-dies-early": { level: "token", share: 0.3, providers: logins, en: "a token ends long before its own word", es: "un token termina mucho antes de lo que dice" },
  "counter-reset": { level: "device", share: 0.2, en: "a counter begins again at 0 every three days", es: "un contador vuelve a 0 cada tres días" },
  "wrap-16": { level: "device", share: 0.2, en: "a pulse counter wraps at 2^16", es: "un contador de pulsos da la vuelta en 2^16" },
  "wrap-32": { level: "device", share: 0.2, en: "a pulse counter wraps at 2^32", es: "un contador de pulsos da la vuelta en 2^32" },
  "meter-swap": { level: "device", share: 0.1, en: "the meter is replaced every ten days by one with another dial", es: "el medidor se cambia cada diez días por otro con otra lectura" },
  "gaps": { level: "row", share: 0.05, en: "a device measures nothing for three hours", es: "un equipo no mide nada durante tres horas" },
  "late-rows": { level: "row", share: 0.05, en: "a row appears up to 20 hours after its time", es: "una fila aparece hasta 20 horas después de su hora" },
  "late-corrections": { level: "row", share: 0.05, en: "a row's value is corrected up to 47 hours after its time", es: "el valor de una fila se corrige hasta 47 horas después de su hora" },
  "nan-text": { level: "row", share: 0.02, en: "a value is the text NaN", es: "un valor es el texto NaN" },
  "negative-status": { level: "row", share: 0.03, en: "a counter's value is a negative status code", es: "el valor de un contador es un código de estado negativo" },
  "sentinels": { level: "row", share: 0.03, en: "a flow or level is -999 or -3200: a broken sensor", es: "un caudal o nivel es -999 o -3200: sensor dañado" },
  "truncated-digits": { level: "row", share: 0.02, en: "a counter loses its last digit (91755 becomes 9175)", es: "un contador pierde su último dígito (91755 pasa a 9175)" },
} as const satisfies Record<string, Quirk>;

export type QuirkName = keyof typeof quirks;
export const quirkNames = Object.keys(quirks) as readonly QuirkName[];

export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(quirks, name);
}

/** The quirk's row, with all fields that a quirk may have. */
export function quirkOf(name: QuirkName): Quirk {
  return quirks[name];
}
