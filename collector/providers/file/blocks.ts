import { z } from "zod";
import type { HttpJsonSettings } from "../http-json/block.ts";
import { blockProvider, httpJson } from "../http-json/http-json.ts";
import type { Provider } from "../provider.ts";
import { finding, findingsOf, type Finding, type Places } from "./finding.ts";

export interface ReadBlocks {
  readonly blocks: readonly Block[];
  readonly findings: readonly Finding[];
}

/** A named block of the file with the provider that it is. */
export interface Block {
  readonly provider: Provider;
  readonly settings: HttpJsonSettings;
}

/** The blocks under `providers:`. */
export function readBlocks(rows: readonly unknown[], known: readonly Provider[], places: Places): ReadBlocks {
  const blocks: Block[] = [];
  const findings: Finding[] = [];
  const taken = new Set(known.flatMap(({ id, aliases }) => [id, ...aliases]));
  for (const [at, row] of rows.entries()) {
    const path = ["providers", at];
    const checked = httpJson.settings.safeParse(row);
    if (!checked.success) {
      findings.push(...findingsOf(checked.error, httpJson.settings, { at: path, places }));
      continue;
    }
    const { id } = checked.data;
    if (id === undefined) findings.push(finding([...path, "id"], "expected a name that accounts call it by, met nothing", places));
    else if (taken.has(id)) findings.push(finding([...path, "id"], `"${id}" is taken: expected a name that no provider and no other block has`, places));
    else {
      taken.add(id);
      blocks.push({ provider: blockProvider(id, checked.data) as Provider, settings: checked.data });
    }
  }
  return { blocks, findings };
}

/** A block written inside an account, under the account's name where it has none of its own. */
export function inlineBlock(id: string, settings: unknown): Block {
  const block = settings as HttpJsonSettings;
  return { provider: blockProvider(block.id ?? id, block) as Provider, settings: block };
}

/** Names and sentinels that a block says for all its devices. */
export function blockDefaults({ variables, sentinels }: HttpJsonSettings): { readonly names: Readonly<Record<string, string>>; readonly units: Readonly<Record<string, string>>; readonly sentinels: readonly number[] } {
  const rows = Object.entries(variables);
  const named = rows.flatMap(([key, { type }]) => (type === undefined ? [] : [[key, type] as const]));
  const measured = rows.flatMap(([key, { unit }]) => (unit === undefined ? [] : [[key, unit] as const]));
  return { names: Object.fromEntries(named), units: Object.fromEntries(measured), sentinels };
}

export const fileShape = z.strictObject({ providers: z.array(z.unknown()).nullish(), accounts: z.array(z.unknown()).nullish() });
