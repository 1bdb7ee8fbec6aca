import { defineSettings, durationMs, type SettingsOf } from "@caudal/runtime";
import { z } from "zod";

const times = z.string().transform((written, context) => {
  const value = Number(written.trim());
  if (/^\s*\d+(\.\d+)?\s*$/.test(written) && value >= 1.5 && value <= 1000) return value;
  context.addIssue({ code: "custom", message: "expected a number from 1.5 to 1000" });
  return z.NEVER;
});

/** What the business service can be told. */
export const businessSettings = defineSettings({
  component: "business",
  rows: {
    silentTimes: {
      env: "CAUDAL_SILENT_TIMES", schema: times, default: "3",
      doc: {
        en: "A device is silent when no data of it are newer than this many times its period, which is its points' own or learned from its data.",
        es: "Un equipo está en silencio cuando sus datos más nuevos tienen más de esta cantidad de veces su período, que es el de sus puntos o el aprendido de sus datos.",
      },
    },
    silentFloor: { env: "CAUDAL_SILENT_FLOOR", schema: durationMs, default: "15m", doc: { en: "No device is silent sooner than this, however short its period.", es: "Ningún equipo está en silencio antes de esto, por corto que sea su período." } },
  },
});

export type BusinessSettings = SettingsOf<typeof businessSettings>;
