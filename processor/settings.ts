import { defineSettings, oneOf, type SettingsOf } from "@caudal/runtime";

export const processorSettings = defineSettings({
  component: "processor",
  rows: {
    adopt: {
      env: "CAUDAL_ADOPT",
      flag: "--adopt",
      schema: oneOf(["auto", "ask"]),
      default: "auto",
      doc: {
        en: "What happens to a device that nobody knows: auto makes it a point at its first reading, ask keeps its readings and lists it until somebody adopts it.",
        es: "Qué se hace con un equipo desconocido: auto lo convierte en un punto con su primera lectura; ask guarda sus lecturas y lo lista hasta que alguien lo adopte.",
      },
    },
  },
});

export type ProcessorSettings = SettingsOf<typeof processorSettings>;
