import type { Scope } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { accountsNamed } from "../polling/overview.ts";
import type { Polling, Polls } from "../polling/polling.ts";
import type { Account } from "../providers/account.ts";

export interface ProvidersOptions {
  readonly polling: Polling;
}

/** What runs. Problem "unavailable" while nothing does. */
export function runningPolls({ polling }: ProvidersOptions): { readonly polling: Polling; readonly polls: Polls } {
  const polls = polling.polls();
  if (polls === undefined) throw new Problem("unavailable");
  return { polling, polls };
}

/** The accounts that a name means, of the caller's. Problem 404 where it means none. */
export function namedAccounts(polling: Polling, name: string, scope: Scope): readonly Account[] {
  const accounts = accountsNamed(polling.accounts(), name, scope);
  if (accounts.length === 0) throw new Problem("not-found", { field: "params.provider", detail: { en: `no account or provider is called ${name}`, es: `no hay cuenta ni proveedor llamado ${name}` } });
  return accounts;
}
