import type { TextTable } from "./language.ts";

/** Texts of the command line. */
export const cliTexts = {
  "cli.dashboard": { en: "Dashboard: {url}", es: "Panel: {url}" },
} as const satisfies TextTable;
