import type { TextTable } from "./language.ts";

/** Texts of the dashboard. */
export const pageTexts = {
  "page.title": { en: "Caudal", es: "Caudal" },
  "page.skip": { en: "Skip to content", es: "Saltar al contenido" },
  "page.points": { en: "Points", es: "Puntos" },
} as const satisfies TextTable;
