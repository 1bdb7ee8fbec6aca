import { folded } from "../../points/filter.ts";

/** What the server keeps as one certificate. */
export const MAX_CERTIFICATE_BYTES = 8 * 1024 * 1024;
/** Plain text the server refuses in every request that writes: any page could send it as a form. */
const types = ["application/pdf", "image/jpeg", "image/png"];

/** For an input: what may be chosen. */
export const certificateAccept = types.join(",");

/** Id that a name is kept under: `Calibración 2026` is `calibracion-2026`; empty where no letter or digit is left. */
export function certificateId(name: string): string {
  return folded(name).replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 64).replace(/-+$/, "");
}

/** `Informe calibración.pdf` without what comes behind the last dot. */
export function fileTitle(name: string): string {
  return name.replace(/\.[^.]*$/, "").trim();
}

/** Why a file cannot be kept; undefined where it can. */
export function fileFault({ size, type }: { readonly size: number; readonly type: string }): "too-large" | "empty" | "type" | undefined {
  if (size > MAX_CERTIFICATE_BYTES) return "too-large";
  if (size === 0) return "empty";
  return types.includes(type.split(";", 1)[0]?.trim().toLowerCase() ?? "") ? undefined : "type";
}
