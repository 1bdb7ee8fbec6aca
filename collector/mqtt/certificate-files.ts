import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { CaudalError } from "@caudal/core";
import { systemSleep, type Logger } from "@caudal/runtime";

/** Where a side of a TLS connection finds what it shows and whom it trusts; each a PEM file. */
export interface CertificatePaths {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

/** Settings that name the files, for errors. */
export type CertificateSettings = Readonly<Record<keyof CertificatePaths, string>>;

/** The files' contents. */
export interface Certificates {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

const LOOK_EVERY_MS = 10_000;

/**
 * Certificate files that are replaced while we run: what was read last and fits together counts, and a change is seen within ten seconds.
 * A key that does not belong to its certificate is never used, so files may be replaced one after the other.
 */
export class CertificateFiles {
  readonly #paths: CertificatePaths;
  readonly #settings: CertificateSettings;
  readonly #logger: Logger;
  readonly #everyMs: number;
  readonly #stop = new AbortController();
  #current: Certificates = { cert: undefined, key: undefined, ca: undefined };
  #hash = "";
  #problem: string | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: { readonly paths: CertificatePaths; readonly settings: CertificateSettings; readonly logger: Logger; readonly everyMs?: number | undefined }) {
    this.#paths = options.paths;
    this.#settings = options.settings;
    this.#logger = options.logger;
    this.#everyMs = options.everyMs ?? LOOK_EVERY_MS;
  }

  get current(): Certificates {
    return this.#current;
  }

  /** Why the files as they stand now are not used; undefined when they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads them for the first time. CaudalError "setting" names the file that cannot be read or does not fit. */
  async load(): Promise<Certificates> {
    const read = await this.#read();
    this.#current = read.certificates;
    this.#hash = read.hash;
    return this.#current;
  }

  /** Reads them again whenever they changed, until `close`. */
  follow(onChange: (certificates: Certificates) => void): void {
    this.#loop = this.#follow(onChange);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #follow(onChange: (certificates: Certificates) => void): Promise<void> {
    for (;;) {
      await systemSleep(this.#everyMs, this.#stop.signal).catch(() => {});
      if (this.#stop.signal.aborted) return;
      try {
        const { certificates, hash } = await this.#read();
        this.#problem = undefined;
        if (hash === this.#hash) continue;
        onChange(certificates);
        this.#current = certificates;
        this.#hash = hash;
        this.#logger.info("tls.certificates-renewed", { file: this.#paths.cert ?? "", validUntil: validUntil(certificates) });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        if (problem !== this.#problem) this.#logger.warn("tls.certificates-unusable", { problem, kept: "those read before" });
        this.#problem = problem;
      }
    }
  }

  async #read(): Promise<{ readonly certificates: Certificates; readonly hash: string }> {
    const [cert, key, ca] = await Promise.all((["cert", "key", "ca"] as const).map((what) => this.#file(what)));
    const certificates = { cert, key, ca };
    if ((cert === undefined) !== (key === undefined)) throw new CaudalError("setting", `${this.#settings.cert} and ${this.#settings.key} go together: a certificate and its key`);
    try {
      for (const text of [cert, ca]) if (text !== undefined) checkCertificates(text);
      if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error("the key does not belong to the certificate");
      createSecureContext(certificates);
    } catch (cause) {
      throw new CaudalError("setting", `what ${this.#settings.cert}, ${this.#settings.key} or ${this.#settings.ca} names cannot be used: ${cause instanceof Error ? cause.message : ""}`, { cause });
    }
    return { certificates, hash: createHash("sha256").update(JSON.stringify([cert, key, ca])).digest("hex") };
  }

  async #file(what: keyof CertificatePaths): Promise<string | undefined> {
    const path = this.#paths[what];
    if (path === undefined) return undefined;
    return readFile(path, "utf8").catch((cause: unknown) => {
      throw new CaudalError("setting", `${this.#settings[what]} names ${path}, which cannot be read`, { cause });
    });
  }
}

/** OpenSSL passes over what is no certificate without a word; an authority that is silently missing would let nobody in, or anybody. */
function checkCertificates(pem: string): void {
  const found = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error("there is no certificate in it");
  for (const one of found) new X509Certificate(one);
}

function validUntil({ cert }: Certificates): string {
  return cert === undefined ? "" : new X509Certificate(cert).validTo;
}
