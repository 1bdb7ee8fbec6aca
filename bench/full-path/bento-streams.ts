import { brokersOf } from "./kafka-topic.ts";
import { targetOfMqtt } from "./target.ts";
import { targetOf } from "../../tools/fault-proxy/urls.ts";

/** What Bento's two streams speak to. */
export interface BentoPlaces {
  readonly mqtt: string;
  readonly kafka: string;
  readonly redis: string;
  readonly mongo: string;
  readonly cassandra: string;
  /** Letters, digits and underscores: its topic, group, database, keyspace and prefix. */
  readonly name: string;
}

/** Mosquitto gives a client of MQTT 3.1.1 twenty unacknowledged messages; together they have as many as Caudal's one connection of MQTT 5 asks for. */
const CONNECTIONS = 50;

/** Where devices publish for Bento, {id} is their name. */
export function bentoTopic(name: string): string {
  return `${name}/{id}/readings`;
}

/** MQTT to Kafka: a message is acknowledged once Kafka has it. */
export function intakeStream({ mqtt, kafka, name }: BentoPlaces): string {
  const { host, port } = targetOfMqtt(mqtt);
  return `
input:
  broker:
    copies: ${CONNECTIONS}
    inputs:
      - mqtt:
          urls: [ "tcp://${host}:${port}" ]
          client_id: ${name}
          dynamic_client_id_suffix: nanoid
          topics: [ "$share/${name}/${bentoTopic(name).replace("{id}", "+")}" ]
          qos: 1
    batching:
      count: 500
      period: 5ms
output:
  kafka_franz:
    seed_brokers: ${JSON.stringify(brokersOf(kafka))}
    topic: ${name}
    key: \${! json("id") }
    idempotent_write: true
    compression: zstd
    max_in_flight: 4
`;
}

/** Kafka to the three stores: what all three have is committed. */
export function storesStream({ kafka, redis, mongo, cassandra, name }: BentoPlaces): string {
  const store = targetOf(redis);
  const nodes = targetOf(cassandra);
  return `
input:
  kafka_franz:
    seed_brokers: ${JSON.stringify(brokersOf(kafka))}
    topics: [ ${name} ]
    consumer_group: ${name}
    checkpoint_limit: 8192
    commit_period: 500ms
    fetch_max_wait: 250ms
    batching:
      count: 1000
      period: 50ms
output:
  broker:
    pattern: fan_out
    outputs:
      - redis_list:
          url: redis://${store.host}:${store.port}/0
          key: ${name}:\${! json("id") }
          max_in_flight: 4
      - mongodb:
          url: "${mongo}"
          database: ${name}
          collection: readings
          operation: insert-one
          write_concern: { w: majority, j: true }
          document_map: |
            root.point = this.id
            root.at = this.ts
            root.total = this.total_m3
            root.flow = this.flow_lps
            root.level = this.level_m
          max_in_flight: 4
      - cassandra:
          addresses: [ "${nodes.host}:${nodes.port}" ]
          timeout: 10s
          consistency: LOCAL_QUORUM
          logged_batch: false
          query: "INSERT INTO ${name}.readings (point, at, total, flow, level) VALUES (?, ?, ?, ?, ?)"
          args_mapping: "root = [ this.id, this.ts, this.total_m3, this.flow_lps, this.level_m ]"
          max_in_flight: 4
`;
}
