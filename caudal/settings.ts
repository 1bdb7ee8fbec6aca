import { commaList, defineSettings, listenAddress, oneOf, onOff, parseFaults, plainText, wholeNumber, type FaultsAsked, type SettingsOf } from "@caudal/runtime";
import { z } from "zod";

const faultsAsked = z.string().transform((text, context): FaultsAsked => {
  const asked = parseFaults(text);
  if (asked !== undefined) return asked;
  context.addIssue({ code: "custom", message: "expected SEED, SEED:PREFIX or SEED:POINT@ARRIVAL" });
  return z.NEVER;
});

/** What belongs to the installation as a whole. */
export const installationSettings = defineSettings({
  component: "installation",
  rows: {
    data: {
      env: "CAUDAL_DATA", flag: "--data", schema: plainText, default: "./data",
      doc: { en: "Folder of everything that is kept; one process at a time.", es: "Carpeta de todo lo que se guarda; un proceso a la vez." },
    },
    http: {
      env: "CAUDAL_HTTP", flag: "--http", schema: listenAddress, default: "8000",
      doc: { en: "[HOST:]PORT of the dashboard and all APIs; 0 takes a free port.", es: "[HOST:]PUERTO del panel y de todas las API; 0 toma un puerto libre." },
    },
    httpNames: {
      env: "CAUDAL_HTTP_NAMES", schema: commaList, example: "caudal.example.org",
      doc: { en: "Further host names that people reach the page by, between commas; a request for any other name is refused.", es: "Otros nombres de equipo con que se llega al panel, entre comas; se rechaza una solicitud para cualquier otro." },
    },
    demo: {
      env: "CAUDAL_DEMO", flag: "--demo", schema: onOff,
      doc: {
        en: "Whether the demo fleet plays (on or off). Without it: on, until it was removed by caudal demo clear.",
        es: "Si se reproduce la flota de demostración (on u off). Sin indicarlo: on, hasta que se elimina con caudal demo clear.",
      },
      example: "off",
    },
    partitions: {
      env: "CAUDAL_PARTITIONS", schema: wholeNumber({ min: 1, max: 256 }), default: "6",
      doc: { en: "Partitions of each topic; fixed when the data folder is new.", es: "Particiones de cada tópico; quedan fijas cuando la carpeta de datos es nueva." },
    },
    hotDays: {
      env: "CAUDAL_HOT_DAYS", schema: wholeNumber({ min: 1, max: 3650 }), default: "3",
      doc: { en: "Days that the hot tier keeps.", es: "Días que guarda el nivel caliente." },
    },
    warmDays: {
      env: "CAUDAL_WARM_DAYS", schema: wholeNumber({ min: 1, max: 3650 }), default: "30",
      doc: { en: "Days that the warm tier keeps.", es: "Días que guarda el nivel tibio." },
    },
    logBytes: {
      env: "CAUDAL_LOG_BYTES", schema: wholeNumber({ min: 16_777_216, max: 1_000_000_000_000 }), default: "400000000",
      doc: {
        en: "Bytes that the embedded log is kept near: older records go before their 7 days, never before every group and the raw archive have had them.",
        es: "Bytes cerca de los que se mantiene el log embebido: los registros viejos se van antes de sus 7 días, nunca antes de que todos los grupos y el archivo crudo los tengan.",
      },
    },
    logLevel: {
      env: "CAUDAL_LOG_LEVEL", flag: "--log-level", schema: oneOf(["debug", "info", "warn", "error"]), default: "warn",
      doc: { en: "Least level of what is logged: debug, info, warn or error.", es: "Nivel mínimo de lo que se registra: debug, info, warn o error." },
    },
    faults: {
      env: "CAUDAL_FAULTS", schema: faultsAsked, example: "seed-1:processor",
      doc: {
        en: "For tests only: SEED, SEED:PREFIX or SEED:POINT@ARRIVAL ends the process (as kill -9 does) at a named fault point that follows from the seed, and lists the points reached in fault-points.json of the data folder.",
        es: "Solo para pruebas: SEMILLA, SEMILLA:PREFIJO o SEMILLA:PUNTO@LLEGADA termina el proceso (como kill -9) en un punto de falla que sale de la semilla, y anota los puntos alcanzados en fault-points.json de la carpeta de datos.",
      },
    },
    language: {
      env: "CAUDAL_LANG", flag: "--lang", schema: oneOf(["en", "es"]),
      doc: { en: "Language of the command line: en or es. Without it, the shell's locale decides.", es: "Idioma de la línea de órdenes: en o es. Sin indicarlo decide la configuración regional." },
      example: "es",
    },
    url: {
      env: "CAUDAL_URL", flag: "--url", schema: plainText,
      doc: { en: "Where commands find a running installation; without it, the one on the data folder.", es: "Dónde encuentran las órdenes una instalación en marcha; sin indicarlo, la de la carpeta de datos." },
      example: "http://127.0.0.1:8000",
    },
    token: {
      env: "CAUDAL_TOKEN", flag: "--token", schema: plainText, secret: true,
      doc: { en: "Token that commands present to a running installation.", es: "Token que presentan las órdenes a una instalación en marcha." },
    },
  },
});

export type InstallationSettings = SettingsOf<typeof installationSettings>;
