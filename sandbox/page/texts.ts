import { quirkNames, quirkOf } from "../quirks/quirks.ts";

export type Language = "en" | "es";

const texts = {
  "title": { en: "Provider sandbox", es: "Proveedores de prueba" },
  "what": { en: "Made-up providers for trying a collector. Nothing here is real, and its credentials open nothing else.", es: "Proveedores inventados para probar un colector. Nada aquí es real y sus credenciales no abren nada más." },
  "skip": { en: "Skip to content", es: "Saltar al contenido" },
  "language": { en: "Español", es: "English" },
  "requests": { en: "Requests", es: "Peticiones" },
  "exceeded": { en: "Over a limit", es: "Sobre un límite" },
  "devices": { en: "Devices", es: "Equipos" },
  "clock": { en: "Clock (UTC)", es: "Reloj (UTC)" },
  "seed": { en: "Seed", es: "Semilla" },
  "quirks": { en: "Quirks", es: "Rarezas" },
  "quirks.what": { en: "Choose a provider and switch on what it should do wrong, with the share of requests, devices or rows that show it. Quirks of devices and rows hold for rows from now on.", es: "Elija un proveedor y active lo que debe hacer mal, con la proporción de peticiones, equipos o filas que lo muestran. Las de equipos y filas valen para las filas desde ahora." },
  "provider": { en: "Provider", es: "Proveedor" },
  "all": { en: "All providers", es: "Todos los proveedores" },
  "share-of": { en: "Share of {quirk}", es: "Proporción de {quirk}" },
  "off": { en: "All off", es: "Desactivar todas" },
  "mixed": { en: "differs", es: "varía" },
  "rates": { en: "Requests against limits", es: "Peticiones frente a los límites" },
  "rates.none": { en: "No requests yet", es: "Aún no hay peticiones" },
  "credential": { en: "Account and route", es: "Cuenta y ruta" },
  "used": { en: "Used", es: "Usadas" },
  "limit": { en: "Limit", es: "Límite" },
  "per": { en: "{requests} in {seconds} s", es: "{requests} en {seconds} s" },
  "newest": { en: "Newest requests", es: "Últimas peticiones" },
  "time": { en: "Time", es: "Hora" },
  "device": { en: "Device", es: "Equipo" },
  "kind": { en: "Kind", es: "Tipo" },
  "every": { en: "Measures every", es: "Mide cada" },
  "keys": { en: "Keys", es: "Claves" },
  "request": { en: "Request", es: "Petición" },
  "status": { en: "Status", es: "Estado" },
  "no-answer": { en: "no answer", es: "sin respuesta" },
  "rows": { en: "Rows", es: "Filas" },
  "shown": { en: "Quirks shown", es: "Rarezas mostradas" },
  "lost": { en: "The sandbox does not answer. It is asked again every two seconds.", es: "Los proveedores de prueba no responden. Se vuelve a preguntar cada dos segundos." },
  "refused": { en: "The switch was not taken: a share is between 0 and 1.", es: "No se aceptó: la proporción va de 0 a 1." },
  "switched": { en: "{quirk}: {share}", es: "{quirk}: {share}" },
  "household": { en: "household", es: "domicilio" },
  "well": { en: "well", es: "pozo" },
  "channel": { en: "channel", es: "canal" },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

export type PageText = keyof typeof texts;

export function pageText(key: PageText, language: Language): string {
  return texts[key][language];
}

/** All that the script needs, in one language. */
export function pageTexts(language: Language): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text[language]])),
    ...Object.fromEntries(quirkNames.map((name) => [`quirk.${name}`, quirkOf(name)[language]])),
  };
}

/** What was asked for by name, else the first of the browser's that there is, else English. */
export function languageOf(accepted: string | undefined, named: string | null): Language {
  if (named === "en" || named === "es") return named;
  const first = (accepted ?? "").split(",").map((part) => part.trim().slice(0, 2).toLowerCase()).find((part) => part === "en" || part === "es");
  return first === "es" ? "es" : "en";
}
