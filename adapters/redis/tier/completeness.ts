import { randomUUID } from "node:crypto";
import { CaudalError, type Tell, type TierRecovery } from "@caudal/core";
import type { RedisConnection, Session } from "../connection/connection.ts";
import { END_LOSS, NOTICE_LOSS } from "./scripts.ts";

const LOST = "lost ";

/**
 * Whether the tier holds all that it acknowledged: true only while the marker in Redis names the very server process that answers. A server that
 * restarted or took over has another identity, a store that is new or was emptied has no marker.
 */
export class Completeness implements TierRecovery {
  readonly key: string;
  readonly #connection: RedisConnection;
  readonly #tell: Tell | undefined;
  #told: string | undefined;

  constructor(connection: RedisConnection, key: string, tell: Tell | undefined) {
    this.#connection = connection;
    this.key = key;
    this.#tell = tell;
  }

  /** Fails with "unavailable" unless the marker that was read in the session says that everything is here. */
  check(marker: unknown, session: Session): void {
    if (marker !== `complete ${session.identity}`) throw incomplete();
  }

  async loss(): Promise<string | undefined> {
    const { identity } = await this.#connection.session();
    const { values, session } = await this.#connection.run((pipeline) => pipeline.eval(NOTICE_LOSS, 1, this.key, identity, randomUUID()));
    // The server changed between asking for its name and sending: what was noted is of neither, and the next look notes it anew.
    if (session.identity !== identity) throw incomplete();
    const found = String(values[0]);
    if (!found.startsWith(LOST)) return undefined;
    const loss = found.slice(LOST.length);
    if (this.#told !== loss) this.#tell?.("redis.tier-incomplete", { redis: this.#connection.place.shown, loss });
    this.#told = loss;
    return loss;
  }

  async refilled(loss: string): Promise<void> {
    const { identity } = await this.#connection.session();
    if (!loss.startsWith(`${identity} `)) return;
    const { session } = await this.#connection.run((pipeline) => pipeline.eval(END_LOSS, 1, this.key, loss, identity));
    // Marked with a name that the server no longer has: reads go on comparing it with the server's own.
    if (session.identity !== identity) throw incomplete();
  }
}

function incomplete(): CaudalError {
  return new CaudalError("unavailable", "the tier lost data when its server changed, and is not refilled yet", { afterMs: 1000 });
}
