import type { TierName } from "@caudal/core";

/** Names of a tier's tables, keyspace included. */
export interface Tables {
  readonly facts: string;
  readonly points: string;
  readonly spans: string;
  readonly clients: string;
  readonly chunks: string;
  readonly migrations: string;
  readonly migrationLock: string;
}

/** Each tier has tables of its own, so that two may share a keyspace. */
export function tablesOf(keyspace: string, name: TierName): Tables {
  const table = (suffix: string): string => `${keyspace}.${name}_${suffix}`;
  return {
    facts: table("facts"), points: table("points"), spans: table("spans"), clients: table("clients"), chunks: table("chunks"), migrations: table("migrations"),
    migrationLock: table("migration_lock"),
  };
}
