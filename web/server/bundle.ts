import { build, stop } from "esbuild";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** A file of the bundle: its content's hash is part of its name. */
export interface BundledFile {
  readonly name: string;
  readonly body: Uint8Array;
}

export interface Bundle {
  readonly files: readonly BundledFile[];
  /** Names of the files that the document loads; the others are asked for by those. */
  readonly app: string;
  readonly theme: string;
  readonly style: string;
}

const entries = {
  app: fileURLToPath(new URL("../browser/main.tsx", import.meta.url)),
  theme: fileURLToPath(new URL("../browser/app/theme-boot.ts", import.meta.url)),
};

/** Bundles under way in this process: esbuild's own process ends with the last of them, and not under another. */
let underWay = 0;

/** Bundles the page in memory; nothing is written. Throws when the sources do not compile. */
export async function bundlePage(): Promise<Bundle> {
  underWay += 1;
  try {
    return await bundle();
  } finally {
    underWay -= 1;
    if (underWay === 0) await stop();
  }
}

async function bundle(): Promise<Bundle> {
  const result = await build({
    entryPoints: entries, bundle: true, splitting: true, minify: true, write: false, outdir: "/assets", entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]",
    format: "esm", target: ["es2023"], jsx: "automatic", jsxImportSource: "preact", legalComments: "none", logLevel: "silent", charset: "utf8",
  });
  const files = result.outputFiles.map(({ path, contents }) => ({ name: basename(path), body: contents }));
  const find = (name: string, extension: string): string => {
    const file = files.find((candidate) => candidate.name.startsWith(`${name}-`) && candidate.name.endsWith(extension));
    if (file === undefined) throw new Error(`the bundle has no ${name}${extension}`);
    return file.name;
  };
  return { files, app: find("app", ".js"), theme: find("theme", ".js"), style: find("app", ".css") };
}
