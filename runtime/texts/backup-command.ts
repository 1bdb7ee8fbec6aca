import type { TextTable } from "./language.ts";

/** What `caudal backup` says. */
export const backupTexts = {
  "cli.backup": { en: "back up, restore, and try restores", es: "respaldar, restaurar y ensayar restauraciones" },
  "backup.to-while-running": { en: "a running installation writes where CAUDAL_BACKUP_DIR says; leave --to out, or stop it first", es: "una instalación en marcha escribe donde dice CAUDAL_BACKUP_DIR; omita --to o deténgala primero" },
  "backup.created": {
    en: "backup {name} in {directory}: {points} points, {facts} facts ({revisions} with all revisions), {documents} documents, {records} log records, {segments} segments of which {copiedSegments} new; {seconds} s; {removed} older removed",
    es: "respaldo {name} en {directory}: {points} puntos, {facts} datos ({revisions} con todas las revisiones), {documents} documentos, {records} registros del log, {segments} segmentos, {copiedSegments} nuevos; {seconds} s; {removed} antiguos eliminados",
  },
  "backup.drill-ok": {
    en: "drill of {name}: equal. {points} points, {days} days, {documents} documents, {records} log records, {segments} segments; {sampledRows} rows of history read; {seconds} s",
    es: "ensayo de {name}: igual. {points} puntos, {days} días, {documents} documentos, {records} registros del log, {segments} segmentos; {sampledRows} filas de historia leídas; {seconds} s",
  },
  "backup.drill-differs": { en: "drill of {name}: {differences} differences in {days} days of {points} points; {seconds} s", es: "ensayo de {name}: {differences} diferencias en {days} días de {points} puntos; {seconds} s" },
  "backup.restore-incomplete": { en: "name a backup (npx caudal backup ls) and where it goes: --into FOLDER, or --into engines for the servers of the settings", es: "indique un respaldo (npx caudal backup ls) y su destino: --into CARPETA, o --into engines para los servidores de los ajustes" },
  "backup.verified": {
    en: "backup {name} is whole: {points} points, {facts} facts, {documents} documents, {records} log records, {segments} segments. Nothing was written; without --dry-run it goes into {into}",
    es: "el respaldo {name} está completo: {points} puntos, {facts} datos, {documents} documentos, {records} registros del log, {segments} segmentos. No se escribió nada; sin --dry-run va a {into}",
  },
  "backup.restored": {
    en: "restored {name} into {into}: {points} points, {revisions} revisions, {documents} documents, {records} log records, {segments} segments; {days} days have equal digests. Ready to start",
    es: "restaurado {name} en {into}: {points} puntos, {revisions} revisiones, {documents} documentos, {records} registros del log, {segments} segmentos; {days} días con resúmenes iguales. Listo para iniciar",
  },
  "backup.restored-differs": { en: "restored {name} into {into}, but {differences} digests differ: do not start it", es: "restaurado {name} en {into}, pero {differences} resúmenes difieren: no la inicie" },
  "backup.not-empty": { en: "{folder} is not empty; a backup is restored into an empty place only", es: "{folder} no está vacía; un respaldo solo se restaura en un lugar vacío" },
  "backup.not-empty.next": { en: "Name a folder that is not there yet with --into, or move this one away", es: "Indique con --into una carpeta que aún no exista, o mueva esta" },
  "backup.partitions": { en: "the backup's topics have {partitions} partitions", es: "los tópicos del respaldo tienen {partitions} particiones" },
  "backup.partitions.next": { en: "Set CAUDAL_PARTITIONS={partitions} and restore again", es: "Defina CAUDAL_PARTITIONS={partitions} y restaure de nuevo" },
} as const satisfies TextTable;
