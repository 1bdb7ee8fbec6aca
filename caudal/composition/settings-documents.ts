import { readFileSync, writeFileSync } from "node:fs";
import { envSample, settingsTable } from "@caudal/runtime";
import { settingsSpecs } from "./all-settings.ts";

const order = "A flag beats the environment, which beats `.env`, which beats the default.";

/** Documents that follow from the settings specs: path from the root, and text. */
export function settingsDocuments(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: ".env.example", text: `# Written by caudal/composition/settings-documents.ts from the settings specs; copy to .env and change what you need.\n\n${envSample(settingsSpecs)}` },
    { path: "docs/settings.md", text: `# Settings\n\n${order}\n\n${settingsTable(settingsSpecs, "en")}` },
    { path: "docs/settings.es.md", text: `# Ajustes\n\nUna opción gana al entorno, que gana a \`.env\`, que gana al valor por defecto.\n\n${settingsTable(settingsSpecs, "es")}` },
  ];
}

if (import.meta.main) {
  for (const { path, text } of settingsDocuments()) {
    const file = new URL(`../../${path}`, import.meta.url);
    if (!process.argv.includes("--check")) writeFileSync(file, text);
    else if (readFileSync(file, "utf8") !== text) {
      process.stderr.write(`${path} differs from the settings specs; run: node caudal/composition/settings-documents.ts\n`);
      process.exitCode = 1;
    }
  }
}
