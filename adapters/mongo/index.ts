export { openMongoDocuments, type MongoDocumentsOptions } from "./documents/open-documents.ts";
export { openMongoSegments, type MongoSegmentsOptions } from "./segments/open-segments.ts";
export { openMongoTier, type MongoTierOptions } from "./tier/open-tier.ts";
