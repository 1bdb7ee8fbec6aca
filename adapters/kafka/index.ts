export { openKafkaLog, type KafkaLogOptions } from "./open.ts";
export { openSchemaRegistry, type SchemaRegistryOptions } from "./registry/open-registry.ts";
