export { checkDataFolder, moveAside, rebuildFileIndexes } from "./check/check-data-folder.ts";
export type { CheckedFile } from "./check/checked-file.ts";
export { openEmbeddedDocuments, type EmbeddedDocumentsOptions } from "./documents/open-documents.ts";
export { createLiveChannel, type LiveChannelOptions } from "./live/live-channel.ts";
export { lockDataFolder, type DataFolderLock } from "./lock/lock-data-folder.ts";
export { openEmbeddedLog, type EmbeddedLogOptions } from "./log/open.ts";
export { openFileRegistry } from "./registry/file-registry.ts";
export { openFileSegments } from "./segments/segment-files.ts";
export { openEmbeddedTier, type EmbeddedTierOptions } from "./tiers/open-tier.ts";
