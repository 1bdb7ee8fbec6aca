// What this package uses of kafkajs 2.2.4 past its published types; `kafkajs.unit.test.ts` fails when the version changes.

declare module "kafkajs/src/network/connection.js" {
  import type { Socket } from "node:net";

  interface ConnectionOptions {
    host: string;
    port: number;
    logger: unknown;
    socketFactory: (options: { host: string; port: number; ssl: object | undefined; onConnect: () => void }) => Socket;
    ssl?: object | undefined;
    sasl?: object | undefined;
    clientId: string;
    connectionTimeout: number;
    requestTimeout: number;
    enforceRequestTimeout: boolean;
    reauthenticationThreshold: number;
  }

  class Connection {
    constructor(options: ConnectionOptions);
    connect(): Promise<unknown>;
    isConnected(): boolean;
    isAuthenticated(): boolean;
    setVersions(versions: object): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    authenticate(): Promise<void>;
    send(exchange: object): Promise<unknown>;
    rejectRequests(error: Error): void;
    disconnect(): Promise<unknown>;
    requestQueue: { pending: readonly unknown[]; throttledUntil: number; scheduleCheckPendingRequests: () => void };
  }
  export = Connection;
}

declare module "kafkajs/src/protocol/requests/apiKeys.js" {
  const apiKeys: Readonly<Record<string, number>>;
  export = apiKeys;
}

declare module "kafkajs/src/protocol/requests/index.js" {
  interface ProtocolExchange {
    request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<object> };
    response: { decode: (payload: Buffer) => Promise<unknown>; parse: (decoded: unknown) => Promise<unknown> };
  }
  type Protocol = (options?: object) => ProtocolExchange;
  interface Definition {
    versions: string[];
    protocol: (options: { version: number }) => Protocol;
  }
  const protocol: {
    requests: Readonly<Record<string, Definition>>;
    lookup: (versions: object) => (apiKey: number, definition: Definition) => Protocol;
  };
  export = protocol;
}

declare module "kafkajs/src/protocol/encoder.js" {
  class Encoder {
    constructor(initialBytes?: number);
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeString(value: string | null): this;
    writeBuffer(value: Buffer): this;
  }
  export = Encoder;
}

declare module "kafkajs/src/protocol/error.js" {
  const errors: { createErrorFromCode: (code: number) => Error & { type: string; code: number; retriable: boolean } };
  export = errors;
}

declare module "kafkajs/src/consumer/assignerProtocol.js" {
  const protocol: {
    MemberMetadata: { encode: (metadata: { version: number; topics: string[]; userData: Buffer }) => Buffer };
    MemberAssignment: {
      encode: (assignment: { version: number; assignment: Record<string, number[]>; userData: Buffer }) => Buffer;
      decode: (bytes: Buffer) => { assignment: Record<string, number[]> } | null;
    };
  };
  export = protocol;
}

// Used by tests, to hold our batches against its reading of them.
declare module "kafkajs/src/protocol/decoder.js" {
  class Decoder {
    constructor(buffer: Buffer);
  }
  export = Decoder;
}

declare module "kafkajs/src/protocol/recordBatch/v0/decoder.js" {
  import type Decoder from "kafkajs/src/protocol/decoder.js";

  interface DecodedBatch {
    producerId: string;
    producerEpoch: number;
    firstSequence: number;
    records: { key: Buffer; value: Buffer; headers: Record<string, Buffer> }[];
  }
  const decode: (decoder: Decoder) => Promise<DecodedBatch>;
  export = decode;
}
