import { REMEMBERED_SAMPLES, type PointKey, type Scope, type SeriesTier } from "@caudal/core";

/** recomputed: what follows stands with the fact. recomputing: it follows within minutes, by a recount of the point. */
export const effects = ["recomputed", "recomputing"] as const;
export const effectDoc = "recomputing: some of it is older than the samples that are remembered, so what follows is computed again from what is held, within minutes; GET /api/v1/totaliser/recounts says when it is done and what changed.";
export const recomputing = {
  en: "Some of it is older than what is remembered: everything after it is computed again within minutes; caudal totaliser recounts says when it is done.",
  es: "Parte es anterior a lo que se recuerda: todo lo posterior se vuelve a calcular en unos minutos; caudal totaliser recounts indica cuándo terminó.",
} as const;

export async function effectOf(cold: SeriesTier, scope: Scope, at: Parameters<typeof isRemembered>[2]): Promise<(typeof effects)[number]> {
  return (await isRemembered(cold, scope, at)) ? "recomputed" : "recomputing";
}

/**
 * True when judging still remembers the samples of a variable from the instant on, and so computes anew what follows from them. Cold may hold a little less than judging
 * has; the decision's `said`, and the facts, show what came of it.
 */
async function isRemembered(cold: SeriesTier, scope: Scope, at: PointKey & { readonly variable: string; readonly instantUs: number }): Promise<boolean> {
  const { client, point, variable, instantUs } = at;
  let newer = 0;
  for await (const { rows, columns } of cold.read(scope, { client, point, fromUs: instantUs, toUs: Number.MAX_SAFE_INTEGER, variables: [variable], limit: REMEMBERED_SAMPLES + 1 })) {
    for (let row = 0; row < rows; row++) if (columns.some(({ flags }) => flags[row] !== 0)) newer++;
  }
  return newer <= REMEMBERED_SAMPLES;
}
