import { formatInstant } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import { z } from "zod";
import { foundObra } from "../desk/found.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import { obraParams } from "../obras/operations.ts";
import { certificateTypes, MAX_CERTIFICATE_BYTES, type CertificateRecord, type CertificateShelf } from "./certificates.ts";

const oneParams = obraParams.extend({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/).describe("Lower-case letters, digits and hyphens.") });
const certificateSchema = z.object({ id: z.string(), name: z.string(), note: z.string(), contentType: z.string(), bytes: z.number(), sha256: z.string(), by: z.string(), at: z.string() });
const PATH = "/api/v1/compliance/obras/{regulator}/{code}/certificates";

/** Files of a work that an inspection asks for; they go into its evidence pack. */
export function certificateOperations({ obras, certificates }: { readonly obras: Pick<ObraBook, "get">; readonly certificates: CertificateShelf }): Operation[] {
  return [
    defineOperation({
      method: "GET", path: PATH, operationId: "listCertificates", tag: "compliance", permission: "read", params: obraParams, query: z.object(pagingQuery),
      summary: { en: "Certificates of a work", es: "Los certificados de una obra" },
      replies: { 200: { description: "Certificates", schema: listOf(certificateSchema) } },
      handle: async ({ scope, params, query }) => listReply(await certificates.list(scope, (await foundObra(obras, scope, params)).work, query), certificateView),
    }),
    defineOperation({
      method: "PUT", path: `${PATH}/{id}`, operationId: "putCertificate", tag: "compliance", permission: "configure", params: oneParams,
      query: z.object({ name: z.string().min(1).max(200), note: z.string().max(1000).default("") }),
      body: { raw: true, maxBytes: MAX_CERTIFICATE_BYTES, contentTypes: certificateTypes },
      summary: { en: "Keep a certificate of a work; it is never replaced", es: "Guarda un certificado de una obra; nunca se reemplaza" },
      replies: { 200: { description: "Kept", schema: certificateSchema }, 409: { description: "There is another file under this id" } },
      handle: async ({ principal, scope, params, query, raw, headers, receivedAtUs }) => {
        const obra = await foundObra(obras, scope, params);
        const contentType = (headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
        const record = await certificates.put(scope, obra, { id: params.id, ...query, contentType, by: principal.name, atUs: receivedAtUs, file: raw });
        return { status: 200, body: certificateView(record) };
      },
    }),
    defineOperation({
      method: "GET", path: `${PATH}/{id}`, operationId: "getCertificate", tag: "compliance", permission: "read", params: oneParams,
      summary: { en: "A certificate's file", es: "El archivo de un certificado" },
      replies: { 200: { description: "The file", contentTypes: [...certificateTypes] }, 404: { description: "There is none" } },
      handle: async ({ scope, params, express: { res } }) => {
        const { work } = await foundObra(obras, scope, params);
        const found = await certificates.get(scope, work, params.id);
        if (found === undefined) throw new Problem("not-found", { field: "params.id", detail: params.id });
        // Shown nowhere in our origin: whoever uploads must not run anything in it.
        res.setHeader("Content-Type", found.record.contentType).setHeader("Content-Disposition", `attachment; filename="${fileNameOf(found.record)}"`);
        res.end(found.file);
        return { streamed: true };
      },
    }),
  ];
}

const extensions: Readonly<Record<string, string>> = { "application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png" };

/** ASCII, whatever the certificate is called. */
export function fileNameOf({ id, contentType }: Pick<CertificateRecord, "id" | "contentType">): string {
  return `${id}.${extensions[contentType] ?? "bin"}`;
}

function certificateView({ id, name, note, contentType, bytes, sha256, by, atUs }: CertificateRecord): z.input<typeof certificateSchema> {
  return { id, name, note, contentType, bytes, sha256, by, at: formatInstant(atUs) };
}
