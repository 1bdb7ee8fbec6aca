import { createPrivateKey } from "node:crypto";
import { defineSettings, durationMs, oneOf, type SettingsOf } from "@caudal/runtime";
import { z } from "zod";
import { readSecretsKey } from "./credentials/secrets-key.ts";

export const installationModes = ["off", "sandbox", "shadow", "live"] as const;
/** What the installation does with what is due: off and shadow make it ready only, sandbox sends it to the sandbox, live to the regulators. */
export type InstallationMode = (typeof installationModes)[number];

const httpUrl = z.string().transform((written, context) => {
  const url = URL.parse(written.trim());
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && url.search === "" && url.hash === "") return url.href.replace(/\/$/, "");
  context.addIssue({ code: "custom", message: "expected an http or https URL without credentials, question or fragment" });
  return z.NEVER;
});

const keyText = z.string().transform((written, context) => {
  const key = readSecretsKey(written);
  if (key !== undefined) return key;
  context.addIssue({ code: "custom", message: "expected 32 bytes in base64, as `openssl rand -base64 32` writes them" });
  return z.NEVER;
});

const pemText = z.string().transform((written, context) => {
  try {
    const key = createPrivateKey(written.includes("-----") ? written : { key: Buffer.from(written.trim(), "base64"), format: "der", type: "pkcs8" });
    if (key.asymmetricKeyType === "ed25519") return key.export({ format: "pem", type: "pkcs8" }).toString();
  } catch { /* told below */ }
  context.addIssue({ code: "custom", message: "expected an Ed25519 key as `openssl genpkey -algorithm ed25519` writes it, in PEM or as DER in base64" });
  return z.NEVER;
});

/** What the compliance service can be told. */
export const complianceSettings = defineSettings({
  component: "compliance",
  rows: {
    mode: {
      env: "CAUDAL_DGA_MODE", schema: oneOf(installationModes), default: "sandbox",
      doc: {
        en: "What is done with what is due to regulators: off and shadow (made ready, not sent), sandbox (sent to a sandbox of ours), live (sent). Only live reaches a regulator, and only for works that are live and have credentials.",
        es: "Qué se hace con lo que se debe a los reguladores: off y shadow (se prepara, no se envía), sandbox (se envía a una simulación propia), live (se envía). Solo live llega a un regulador, y solo para obras en modo live con credenciales.",
      },
    },
    dgaUrl: {
      env: "CAUDAL_DGA_URL", schema: httpUrl, example: "https://apimee.mop.gob.cl/api/v1",
      doc: { en: "Base address of the DGA's API. When empty: the official one in mode live, the built-in sandbox otherwise.", es: "Dirección base de la API de la DGA. Si está vacío: la oficial en modo live, la simulación incluida en los demás." },
    },
    smaUrl: {
      env: "CAUDAL_SMA_URL", schema: httpUrl, example: "https://conexiones.sma.gob.cl",
      doc: { en: "Base address of the SMA's API. When empty: the official one in mode live, the built-in sandbox otherwise.", es: "Dirección base de la API de la SMA. Si está vacío: la oficial en modo live, la simulación incluida en los demás." },
    },
    roundEveryMs: {
      env: "CAUDAL_COMPLIANCE_ROUND", schema: durationMs, default: "10s",
      doc: { en: "How often what is due is looked for, frozen and verified.", es: "Cada cuánto se busca, congela y verifica lo que corresponde." },
    },
    postTimeoutMs: {
      env: "CAUDAL_DGA_POST_TIMEOUT", schema: durationMs, default: "15s",
      doc: { en: "How long the answer to a submission is waited for; without one its outcome is unknown, and it is not sent again that day.", es: "Cuánto se espera la respuesta a un envío; sin ella su resultado es desconocido y no se reenvía ese día." },
    },
    getTimeoutMs: {
      env: "CAUDAL_DGA_GET_TIMEOUT", schema: durationMs, default: "10s",
      doc: { en: "How long the answer to a verification is waited for.", es: "Cuánto se espera la respuesta a una verificación." },
    },
    centrePauseMs: {
      env: "CAUDAL_CENTRE_PAUSE", schema: durationMs, default: "1s",
      doc: { en: "Pause between two submissions of one control centre.", es: "Pausa entre dos envíos de un mismo centro de control." },
    },
    secretsKey: {
      env: "CAUDAL_SECRETS_KEY", schema: keyText, secret: true,
      doc: {
        en: "Key of stored passwords, 32 bytes in base64 (`openssl rand -base64 32`). When empty, a file made in the data folder; several processes need the same one.",
        es: "Clave de las contraseñas guardadas, 32 bytes en base64 (`openssl rand -base64 32`). Si está vacío, un archivo creado en la carpeta de datos; varios procesos necesitan la misma.",
      },
    },
    ledgerKey: {
      env: "CAUDAL_LEDGER_KEY", schema: pemText, secret: true,
      doc: {
        en: "Key that signs the daily roots of the ledger: Ed25519, PKCS 8 in PEM, or its DER in base64 on one line (`openssl genpkey -algorithm ed25519`). When empty, a file made in the data folder; several processes need the same one.",
        es: "Clave que firma las raíces diarias del libro: Ed25519, PKCS 8 en PEM, o su DER en base64 en una línea (`openssl genpkey -algorithm ed25519`). Si está vacío, un archivo creado en la carpeta de datos; varios procesos necesitan la misma.",
      },
    },
    secretsKeyOld: {
      env: "CAUDAL_SECRETS_KEY_OLD", schema: keyText, secret: true,
      doc: { en: "The key before the present one: what it sealed is sealed anew at the start. Remove it afterwards.", es: "La clave anterior a la actual: lo que selló se vuelve a sellar al iniciar. Quítela después." },
    },
  },
});

export type ComplianceSettings = SettingsOf<typeof complianceSettings>;
