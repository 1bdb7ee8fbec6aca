import protobuf from "protobufjs/light.js";

/**
 * The Sparkplug B payload as far as readings need it. Data sets, templates and nested property sets are left as bytes: they are refused, and nothing
 * that nests without end is ever built.
 */
const descriptor = {
  nested: {
    Payload: {
      fields: {
        timestamp: { type: "uint64", id: 1 }, metrics: { rule: "repeated", type: "Metric", id: 2 }, seq: { type: "uint64", id: 3 }, uuid: { type: "string", id: 4 }, body: { type: "bytes", id: 5 },
      },
    },
    Metric: {
      fields: {
        name: { type: "string", id: 1 }, alias: { type: "uint64", id: 2 }, timestamp: { type: "uint64", id: 3 }, datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 }, isTransient: { type: "bool", id: 6 }, isNull: { type: "bool", id: 7 }, metadata: { type: "bytes", id: 8 }, properties: { type: "PropertySet", id: 9 },
        intValue: { type: "uint32", id: 10 }, longValue: { type: "uint64", id: 11 }, floatValue: { type: "float", id: 12 }, doubleValue: { type: "double", id: 13 },
        booleanValue: { type: "bool", id: 14 }, stringValue: { type: "string", id: 15 }, bytesValue: { type: "bytes", id: 16 }, datasetValue: { type: "bytes", id: 17 },
        templateValue: { type: "bytes", id: 18 }, extensionValue: { type: "bytes", id: 19 },
      },
    },
    PropertySet: { fields: { keys: { rule: "repeated", type: "string", id: 1 }, values: { rule: "repeated", type: "PropertyValue", id: 2 } } },
    PropertyValue: {
      fields: {
        type: { type: "uint32", id: 1 }, isNull: { type: "bool", id: 2 }, intValue: { type: "uint32", id: 3 }, longValue: { type: "uint64", id: 4 }, floatValue: { type: "float", id: 5 },
        doubleValue: { type: "double", id: 6 }, booleanValue: { type: "bool", id: 7 }, stringValue: { type: "string", id: 8 }, propertysetValue: { type: "bytes", id: 9 }, propertysetsValue: { type: "bytes", id: 10 },
      },
    },
  },
} as const;

let made: protobuf.Type | undefined;

/** The payload's type, made when it is first needed. */
export function payloadType(): protobuf.Type {
  made ??= protobuf.Root.fromJSON(descriptor as unknown as protobuf.INamespace).lookupType("Payload");
  return made;
}

export const { Reader } = protobuf;
