import { defineSettings, durationMs, onOff, plainText, wholeNumber } from "@caudal/runtime";

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
    backupDirectory: {
      env: "CAUDAL_BACKUP_DIR", flag: "--backups", schema: plainText, example: "/var/backups/caudal",
      doc: { en: "Folder of backups, best on another disk; without it backups in the data folder.", es: "Carpeta de los respaldos, mejor en otro disco; si falta, backups en la carpeta de datos." },
    },
    backupEveryMs: {
      env: "CAUDAL_BACKUP_EVERY", schema: durationMs, example: "24h",
      doc: { en: "How often the archiver takes a backup by itself; never when empty.", es: "Cada cuánto el archivador hace un respaldo por sí mismo; nunca si está vacío." },
    },
    backupKeep: {
      env: "CAUDAL_BACKUP_KEEP", schema: wholeNumber({ min: 1, max: 10_000 }), default: "7",
      doc: { en: "Whole backups that stay; the oldest goes after a newer one succeeded.", es: "Respaldos completos que quedan; el más antiguo se elimina cuando uno nuevo terminó bien." },
    },
    backupDrillEveryMs: {
      env: "CAUDAL_BACKUP_DRILL_EVERY", schema: durationMs, example: "7d",
      doc: { en: "How often the newest backup is restored into a scratch folder and compared; never when empty.", es: "Cada cuánto se restaura el respaldo más nuevo en una carpeta de prueba y se compara; nunca si está vacío." },
    },
    scrubEveryMs: {
      env: "CAUDAL_SCRUB_EVERY", schema: durationMs, default: "7d",
      doc: { en: "How often everything that is stored is read and checked in the background.", es: "Cada cuánto se lee y revisa en segundo plano todo lo guardado." },
    },
    scrubBytesPerS: {
      env: "CAUDAL_SCRUB_BYTES", schema: wholeNumber({ min: 1024, max: 10_000_000_000 }), default: "4194304",
      doc: { en: "Bytes a second that the background check reads at most.", es: "Bytes por segundo que la revisión en segundo plano lee como máximo." },
    },
    forget: {
      env: "CAUDAL_FORGET", schema: onOff, default: "on",
      doc: { en: "Whether hot and warm forget days past their retention, each after it was verified against the tiers that hold for longer.", es: "Si los niveles caliente y tibio olvidan los días fuera de su retención, cada uno tras verificarse contra los niveles que guardan más tiempo." },
    },
  },
});
