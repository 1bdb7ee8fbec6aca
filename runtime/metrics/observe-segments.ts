import { parseSegmentName, type SegmentStore } from "@caudal/core";
import type { Metrics } from "./metrics.ts";

/** Topic of blobs that are no segments of the archive. */
const NO_TOPIC = "none";

/** The same store, with what it made durable counted by the topic that the segment's name tells. */
export function observeSegments(segments: SegmentStore, metrics: Metrics): SegmentStore {
  const files = metrics.counter("caudal_archive_segments_total");
  const written = metrics.counter("caudal_archive_bytes_total");
  return {
    put: async (name, bytes) => {
      await segments.put(name, bytes);
      const topic = parseSegmentName(name)?.topic ?? NO_TOPIC;
      files.inc({ topic });
      written.inc({ topic }, bytes.length);
    },
    get: (name) => segments.get(name),
    list: (prefix, after, limit) => segments.list(prefix, after, limit),
    remove: (name) => segments.remove(name),
    close: () => segments.close(),
  };
}
