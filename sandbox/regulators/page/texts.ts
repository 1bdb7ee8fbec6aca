import type { Language } from "../../page/texts.ts";
import { regulatorQuirkNames, regulatorQuirkOf } from "../quirks.ts";

const texts = {
  "title": { en: "Regulator sandbox", es: "Reguladores de prueba" },
  "what": { en: "Made-up regulators for trying submissions. Nothing here is real, and nothing that is sent here reaches an authority.", es: "Reguladores inventados para probar envíos. Nada aquí es real y nada de lo que se envía aquí llega a una autoridad." },
  "skip": { en: "Skip to content", es: "Saltar al contenido" },
  "language": { en: "Español", es: "English" },
  "requests": { en: "Requests", es: "Peticiones" },
  "stored": { en: "Measurements held", es: "Mediciones guardadas" },
  "works": { en: "Works", es: "Obras" },
  "blocked": { en: "Blocked centres", es: "Centros bloqueados" },
  "clock": { en: "Clock (UTC)", es: "Reloj (UTC)" },
  "seed": { en: "Seed", es: "Semilla" },
  "release": { en: "End all blocks", es: "Terminar los bloqueos" },
  "released": { en: "No centre is blocked any more.", es: "Ya no hay centros bloqueados." },
  "quirks": { en: "Quirks", es: "Rarezas" },
  "quirks.what": { en: "Choose a regulator and switch on what it should do wrong, with the share of requests, works or spans of time that show it.", es: "Elija un regulador y active lo que debe hacer mal, con la proporción de peticiones, obras o tramos de tiempo que lo muestran." },
  "regulator": { en: "Regulator", es: "Regulador" },
  "all": { en: "All regulators", es: "Todos los reguladores" },
  "share-of": { en: "Share of {quirk}", es: "Proporción de {quirk}" },
  "off": { en: "All off", es: "Desactivar todas" },
  "mixed": { en: "differs", es: "varía" },
  "works.none": { en: "Nothing was stored yet", es: "Aún no se guarda nada" },
  "work": { en: "Work", es: "Obra" },
  "count": { en: "Held", es: "Guardadas" },
  "newest-of": { en: "Newest (UTC-4)", es: "Última (UTC-4)" },
  "held": { en: "Held of {work}", es: "Guardado de {work}" },
  "held.choose": { en: "Choose a work above to see what the regulator has of it.", es: "Elija una obra para ver lo que el regulador tiene de ella." },
  "measured": { en: "Measured", es: "Medida" },
  "values": { en: "Values", es: "Valores" },
  "voucher": { en: "Voucher", es: "Comprobante" },
  "stored-at": { en: "Stored (UTC)", es: "Guardada (UTC)" },
  "newest": { en: "Newest requests", es: "Últimas peticiones" },
  "time": { en: "Time (UTC)", es: "Hora (UTC)" },
  "request": { en: "Request", es: "Petición" },
  "outcome": { en: "Outcome", es: "Resultado" },
  "status": { en: "Status", es: "Estado" },
  "no-answer": { en: "no answer", es: "sin respuesta" },
  "shown": { en: "Quirks shown", es: "Rarezas mostradas" },
  "accepted": { en: "accepted", es: "aceptada" },
  "duplicate": { en: "there already", es: "ya existía" },
  "refused": { en: "refused", es: "rechazada" },
  "invalid": { en: "not valid", es: "no válida" },
  "outcome.blocked": { en: "blocked", es: "bloqueada" },
  "fault": { en: "fault", es: "falla" },
  "found": { en: "found", es: "encontrada" },
  "not-found": { en: "not found", es: "no encontrada" },
  "login": { en: "login", es: "ingreso" },
  "denied": { en: "denied", es: "denegada" },
  "unknown-route": { en: "unknown path", es: "ruta desconocida" },
  "lost": { en: "The sandbox does not answer. It is asked again every two seconds.", es: "Los reguladores de prueba no responden. Se vuelve a preguntar cada dos segundos." },
  "switch-refused": { en: "The switch was not taken: a share is between 0 and 1.", es: "No se aceptó: la proporción va de 0 a 1." },
  "switched": { en: "{quirk}: {share}", es: "{quirk}: {share}" },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export type RegulatorPageText = keyof typeof texts;

export function regulatorPageText(key: RegulatorPageText, language: Language): string {
  return texts[key][language];
}

/** All that the script needs, in one language. */
export function regulatorPageTexts(language: Language): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text[language]])),
    ...Object.fromEntries(regulatorQuirkNames.map((name) => [`quirk.${name}`, regulatorQuirkOf(name)[language]])),
  };
}
