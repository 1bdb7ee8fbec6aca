import { clientAddress, type ClusterSettings, type NodeSettings } from "../server.ts";

/** Thirds of the ring, so that three nodes that start together need not agree on who has what. */
const tokens = ["-9223372036854775808", "-3074457345618258603", "3074457345618258602"];

/** `cassandra.yaml` of one node. */
export function cassandraYaml(node: NodeSettings, { nodes }: ClusterSettings): string {
  const seeds = nodes.map(({ host, morePorts }) => `${host}:${morePorts["storage"]}`).join(",");
  const ring = nodes.length > 1 ? [`initial_token: "${tokens[node.id - 1]}"`, "auto_bootstrap: false"] : [];
  return `${[
    "cluster_name: caudal", "num_tokens: 1", ...ring, "partitioner: org.apache.cassandra.dht.Murmur3Partitioner", "endpoint_snitch: SimpleSnitch",
    `seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "${seeds}"}]}]`,
    `listen_address: ${node.host}`, `rpc_address: ${node.host}`, `broadcast_rpc_address: ${clientAddress(node).host}`,
    `storage_port: ${node.morePorts["storage"]}`, `native_transport_port: ${node.port}`,
    // The default, periodic, acknowledges writes that a kill loses.
    "commitlog_sync: group", "commitlog_sync_group_window: 5ms", "commitlog_segment_size: 16MiB", "commitlog_total_space: 256MiB",
    "auto_snapshot: false", "memtable_heap_space: 96MiB", "memtable_offheap_space: 96MiB", "memtable_allocation_type: offheap_objects",
    "file_cache_size: 64MiB", "networking_cache_size: 32MiB", "key_cache_size: 16MiB", "counter_cache_size: 0MiB",
    "concurrent_compactors: 1", "compaction_throughput: 0MiB/s", "disk_access_mode: mmap_index_only",
    "batch_size_warn_threshold: 512KiB", "batch_size_fail_threshold: 2048KiB",
    "sstable: {selected_format: bti}", "storage_compatibility_mode: NONE",
  ].join("\n")}\n`;
}

/** Logs to where the process prints. */
export const cassandraLogging = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} %p %logger{0} %m%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
`;
