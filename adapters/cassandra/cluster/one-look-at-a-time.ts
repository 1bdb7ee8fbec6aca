import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "cassandra-driver";

/** What the driver's watch of the cluster can do, beside what its types say. */
interface ControlConnection {
  /** Looks for a host to watch the cluster by; with an iterator, goes on with a look that has begun. */
  _refresh(hosts?: unknown): Promise<void>;
}

const AGAIN_AFTER_MS = 500;

/**
 * Lets the driver look for a new host to watch the cluster by once at a time. By itself it begins another look at each sign that the host is
 * gone; they take the host out of each other's hands, and the one that finds none there ends the process, since nobody awaits it (4.10.0).
 * A sign during a look is followed by one more, and a look that failed by another after a pause.
 */
export function lookOnceAtATime(client: Client): void {
  const control = (client as unknown as { readonly controlConnection: ControlConnection }).controlConnection;
  const look = control._refresh.bind(control);
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;

  async function lookUntilFound(): Promise<void> {
    do {
      isAskedAgain = false;
      await look().catch(async () => {
        isAskedAgain = true;
        await wait(AGAIN_AFTER_MS, undefined, { ref: false });
      });
    } while (isAskedAgain);
    looking = undefined;
  }

  control._refresh = (hosts) => {
    if (hosts !== undefined) return look(hosts);
    if (looking === undefined) looking = lookUntilFound();
    else isAskedAgain = true;
    return looking;
  };
}
