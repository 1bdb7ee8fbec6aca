import { randomBytes, randomUUID } from "node:crypto";
import { GridFSBucket, MongoClient } from "mongodb";
import { openMongoSegments } from "@caudal/mongo";
import { defineBenchmark } from "../harness/benchmark.ts";

const SEGMENT_BYTES = 4 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export const benchmark = defineBenchmark({
  name: "mongo-segments",
  about: "Segments of the raw archive on MongoDB against the driver's own GridFS with the same write concern (majority, journal); ours hashes what goes in and checks what comes out, GridFS does neither.",
  needs: ["mongo"],
  async run(context) {
    const server = new URL(context.engine("mongo").url);
    server.pathname = `/bench-segments-${randomUUID().slice(0, 8)}`;
    const client = await MongoClient.connect(server.href, { writeConcern: { w: "majority", journal: true }, readConcern: { level: "majority" } });
    context.closing(() => client.close());
    context.closing(() => client.db().dropDatabase());
    const segments = await openMongoSegments({ url: server.href });
    context.closing(() => segments.close());
    const gridFs = new GridFSBucket(client.db(), { writeConcern: { w: "majority", journal: true } });
    const bytes = randomBytes(SEGMENT_BYTES);

    let written = 0;
    const uploaded: string[] = [];
    await context.compare({
      name: "put, 4 MiB", unit: "MiB",
      ours: { name: "ours", async batch() {
        bytes.writeUInt32LE(written, 0);
        await segments.put(`bench/${written++}`, bytes);
        if (written > 4) await segments.remove(`bench/${written - 5}`);
        return SEGMENT_BYTES / MEGABYTE;
      } },
      baseline: { name: "GridFS", async batch() {
        const stream = gridFs.openUploadStream("bench");
        await new Promise<void>((resolve, reject) => stream.once("finish", resolve).once("error", reject).end(bytes));
        uploaded.push(stream.id.toHexString());
        if (uploaded.length > 4) {
          uploaded.shift();
          const [oldest] = await gridFs.find({}, { sort: { _id: 1 }, limit: 1 }).toArray();
          if (oldest !== undefined) await gridFs.delete(oldest._id);
        }
        return SEGMENT_BYTES / MEGABYTE;
      } },
    });

    await segments.put("bench/read", bytes);
    const [kept] = await gridFs.find({}, { limit: 1 }).toArray();
    await context.compare({
      name: "get, 4 MiB", unit: "MiB",
      ours: { name: "ours", batch: async () => ((await segments.get("bench/read"))?.length ?? 0) / MEGABYTE },
      baseline: { name: "GridFS", batch: async () => (kept === undefined ? 0 : (await whole(gridFs.openDownloadStream(kept._id))).length / MEGABYTE) },
    });
    context.note("GridFS has chunks of 255 KiB and names a file whether or not another has its name: it cannot hold what a segment store promises.");
  },
});
