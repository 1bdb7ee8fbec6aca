import type { Operation } from "@caudal/runtime";

const PREFIX = "/api/v1";
const plain = new Set(["listProviders", "getProviderStatus", "collectProvider"]);

/**
 * The collector's own short paths: `GET /providers`, `GET /status/{provider}`, `POST /collect/{provider}` (`GET /health` every server has). For a collector's own address alone:
 * where one address speaks for all services `/providers` is a page that people keep a link to, and an answer that hangs on the Accept header would be one thing to a browser and another to a cache.
 */
export function plainOperations(operations: readonly Operation[]): Operation[] {
  return operations.filter(({ operationId }) => plain.has(operationId)).map((operation) => ({ ...operation, path: operation.path.slice(PREFIX.length), operationId: `${operation.operationId}Plain` }));
}
