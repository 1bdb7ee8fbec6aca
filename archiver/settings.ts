import { defineSettings, durationMs, wholeNumber } from "@caudal/runtime";

export const archiverSettings = defineSettings({
  component: "archiver",
  rows: {
    segmentBytes: {
      env: "CAUDAL_ARCHIVE_SEGMENT_BYTES", schema: wholeNumber({ min: 4096, max: 268_435_456 }), default: "8388608",
      doc: { en: "Bytes before compression after which a segment of the raw archive is written.", es: "Bytes antes de comprimir tras los cuales se escribe un segmento del archivo crudo." },
    },
    segmentAgeMs: {
      env: "CAUDAL_ARCHIVE_SEGMENT_AGE", schema: durationMs, default: "10s",
      doc: { en: "Longest time that a record waits for its segment; until then the log holds it.", es: "Tiempo máximo que un registro espera su segmento; hasta entonces lo guarda el log." },
    },
  },
});
