import type { PeerCertificate } from "node:tls";
import { CaudalError, type Principal } from "@caudal/core";
import { z } from "zod";
import { checkDevice } from "../decode/object-reader.ts";
import { isClientId } from "../edge/client-resolver.ts";

/** Names that a certificate carries. */
export interface CertificateNames {
  /** Undefined when there is none, or several: nobody can say which counts. */
  readonly cn: string | undefined;
  readonly dns: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
}

/** Whose certificate it is, from one of its names. */
export interface CertificateRule {
  readonly name: string;
  /** Principals of a certificate that fits; undefined where none of its names does. */
  read(names: CertificateNames): Principal | undefined;
}

const rowSchema = z.strictObject({
  name: z.string().min(1),
  from: z.enum(["cn", "san-dns", "san-uri", "san-email"]),
  pattern: z.string().min(1),
  client: z.string().refine(isClientId, "expected a client: a-z, 0-9 and dashes").optional(),
  devices: z.array(z.string().regex(/^[^\s*/+#][^*/+#]{0,254}\*?$/, "a device's id, or how ids begin and *")).min(1).max(1000).optional(),
});
const rowsSchema = z.array(rowSchema).max(1000);
type Row = z.output<typeof rowSchema>;

const CAPTURE = /\{(client|device)\}/g;

/** The rows under `certificates:` of `config/mqtt.yaml`; `file` stands in errors. CaudalError "setting" names the row and what is wrong with it. */
export function parseCertificateRules(rows: unknown, file: string): readonly CertificateRule[] {
  const checked = rowsSchema.safeParse(rows ?? []);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new CaudalError("setting", `${file}: certificates.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a list of certificates"}`);
  }
  return checked.data.map((row) => ruleOf(row, file));
}

/** The first rule that fits says who it is; undefined where none does. */
export function principalOfCertificate(rules: readonly CertificateRule[], names: CertificateNames): Principal | undefined {
  for (const rule of rules) {
    const principal = rule.read(names);
    if (principal !== undefined) return principal;
  }
  return undefined;
}

/** The names in a peer's certificate that was already checked. */
export function namesOf(certificate: Pick<PeerCertificate, "subject" | "subjectaltname">): CertificateNames {
  const { CN: cn } = certificate.subject as { readonly CN?: string | string[] };
  const alternatives = [...(certificate.subjectaltname ?? "").matchAll(/(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)];
  const of = (kind: string): string[] => alternatives.flatMap(([, given, value = ""]) => (given?.toLowerCase() === kind ? [plain(value)] : []));
  return { cn: typeof cn === "string" && cn !== "" ? cn : undefined, dns: of("dns"), uris: of("uri"), emails: of("email") };
}

/** Node writes a name with commas or quotes as a JSON string, so that it cannot pass as several. */
function plain(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return "";
  }
}

function ruleOf(row: Row, file: string): CertificateRule {
  const captures = [...row.pattern.matchAll(CAPTURE)].map(([, capture]) => capture);
  const wrong = (what: string): CaudalError => new CaudalError("setting", `${file}: certificate ${row.name}: ${what}`);
  if (new Set(captures).size !== captures.length) throw wrong("a name is captured twice");
  if (/[{}]/.test(row.pattern.replace(CAPTURE, ""))) throw wrong("a capture is {client} or {device}");
  if (row.pattern.includes("}{")) throw wrong("something must stand between two captures");
  if (row.client === undefined && !captures.includes("client")) throw wrong("neither its pattern nor client says whose it is");
  if (row.devices === undefined && !captures.includes("device")) throw wrong("neither its pattern nor devices says which devices it speaks for");
  // A dot ends a level of a host's name, so that nobody passes for two levels.
  const one = row.from === "san-dns" ? "([^./]+)" : "([^/]+?)";
  const parts = row.pattern.split(CAPTURE).map((part, at) => (at % 2 === 1 ? one : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  const expression = new RegExp(`^${parts.join("")}$`, "u");
  return {
    name: row.name,
    read: (names) => {
      for (const value of valuesOf(names, row.from)) {
        const found = expression.exec(value);
        if (found === null) continue;
        const captured = Object.fromEntries(captures.map((capture, at) => [capture, found[at + 1] ?? ""]));
        const client = row.client ?? captured["client"] ?? "";
        const device = checkDevice(captured["device"] ?? "", "certificate");
        // A name with a wildcard in it would speak for more than its own.
        const devices = row.devices ?? (device.ok && device.value !== null && !/[*+#/]/.test(device.value) ? [device.value] : []);
        if (isClientId(client) && devices.length > 0) return { name: `certificate ${value}`, role: "device", scope: { clients: [client] }, devices };
      }
      return undefined;
    },
  };
}

function valuesOf(names: CertificateNames, from: Row["from"]): readonly string[] {
  if (from === "cn") return names.cn === undefined ? [] : [names.cn];
  return from === "san-dns" ? names.dns : from === "san-uri" ? names.uris : names.emails;
}
