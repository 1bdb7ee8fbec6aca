import type { LiveGate } from "../obras/obra-book.ts";
import type { InstallationMode } from "../settings.ts";
import type { CredentialStore } from "./credential-store.ts";

/** A work may be live where its installation sends, to a sandbox or in earnest, and its informant's password is held. */
export function createLiveGate({ mode, credentials }: { readonly mode: InstallationMode; readonly credentials: Pick<CredentialStore, "has"> }): LiveGate {
  return async ({ regulator, informantRut }) => {
    if (mode !== "live" && mode !== "sandbox") return { path: ["mode"], text: { en: `nothing is sent while CAUDAL_DGA_MODE is ${mode}; the work may be off or shadow`, es: `nada se envía mientras CAUDAL_DGA_MODE es ${mode}; la obra puede estar en off o shadow` } };
    if (await credentials.has(regulator, informantRut)) return undefined;
    return { path: ["mode"], text: { en: `the password of ${informantRut} at ${regulator} is not held; set it before the work is live`, es: `falta la contraseña de ${informantRut} en ${regulator}; guárdela antes de poner la obra en live` } };
  };
}
