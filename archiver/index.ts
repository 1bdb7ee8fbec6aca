export { createArchiver, type Archiver, type ArchiverOptions } from "./archiver.ts";
export { archiverSettings } from "./settings.ts";
