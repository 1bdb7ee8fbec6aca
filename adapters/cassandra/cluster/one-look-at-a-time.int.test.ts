import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Client } from "cassandra-driver";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { lookOnceAtATime } from "./one-look-at-a-time.ts";

interface Inside {
  readonly host: { listenerCount(event: string): number } | null;
  _refresh(): Promise<void>;
}

withEngine("cassandra", (url) => {
  suite("the driver's watch of the cluster", () => {
    const connect = async (prepare: (client: Client) => void): Promise<{ readonly client: Client; readonly control: Inside }> => {
      const client = new Client({ contactPoints: [new URL(url).host], localDataCenter: "datacenter1" });
      prepare(client);
      await client.connect();
      return { client, control: (client as unknown as { readonly controlConnection: Inside }).controlConnection };
    };
    const lookTenTimes = (control: Inside): Promise<readonly PromiseSettledResult<void>[]> => Promise.allSettled(Array.from({ length: 10 }, () => control._refresh()));

    test("looks that the driver begins at once fail or pile up: the reason for this file", async () => {
      const { client, control } = await connect(() => undefined);
      try {
        const looks = await lookTenTimes(control);
        const listeners = control.host?.listenerCount("down") ?? 0;
        assert.ok(looks.some(({ status }) => status === "rejected") || listeners > 5, `${listeners} listeners`);
      } finally {
        await client.shutdown();
      }
    });

    test("one at a time: none fails, nothing piles up, and the cluster is watched after it", async () => {
      const { client, control } = await connect(lookOnceAtATime);
      try {
        for (let round = 0; round < 5; round++) {
          assert.deepEqual((await lookTenTimes(control)).map(({ status }) => status), Array.from({ length: 10 }, () => "fulfilled"));
        }
        assert.ok(control.host !== null);
        assert.equal((await client.execute("SELECT release_version FROM system.local")).rowLength, 1);
      } finally {
        await client.shutdown();
      }
    });
  });
});
