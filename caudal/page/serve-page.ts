import type { PageHandler } from "@caudal/web";
import { textsFor, type Language } from "@caudal/runtime";
import type { RequestHandler } from "express";

const paths: Readonly<Record<string, Language>> = { "/texts/en.json": "en", "/texts/es.json": "es" };

/** The page, and the texts that it shows. */
export function servePage(page: PageHandler): RequestHandler {
  return (request, response, next) => {
    const language = paths[request.path];
    if (language === undefined || request.method !== "GET") return page(request, response, next);
    response.setHeader("cache-control", "no-cache");
    response.json(textsFor(language));
  };
}
