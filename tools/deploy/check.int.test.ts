import assert from "node:assert/strict";
import { test } from "node:test";
import { deployChecks, findDeployFaults } from "./check.ts";
import { namesIn } from "./checks/dashboard.ts";
import { locationFor, locationsOf, parseNginx } from "./nginx-config.ts";
import { root } from "./test-parts/container.ts";
import { withChange } from "./test-parts/copy.ts";

test("the deployment files fit the code", async () => {
  assert.deepEqual(await findDeployFaults(root), []);
});

/** What somebody may do wrong in a file, which check tells it, and a word of what it says. */
const faults: readonly (readonly [check: string, file: string, from: string | RegExp, to: string, says: RegExp])[] = [
  ["settings", "docker-compose.yml", "CAUDAL_HOT_DAYS", "CAUDAL_HOT_DAY", /no setting is called CAUDAL_HOT_DAY/],
  ["settings", "docker-compose.yml", "redis://redis:6379", "http://redis:6379", /CAUDAL_HOT/],
  ["settings", "docker-compose.yml", /^ {2}CAUDAL_COLD: .*$/m, "", /CAUDAL_COLD is not named/],
  ["settings", "docker-compose.yml", "CAUDAL_MQTT_PASSWORD_FILE", "CAUDAL_MQTT_PASSWORD", /holds a secret/],
  ["settings", "docker-compose.yml", "PUBLISH_HTTP", "PUBLISH_WEB", /PUBLISH_WEB/],
  ["settings", "deploy/k8s/base/settings.yaml", "CAUDAL_PARTITIONS", "CAUDAL_PARTITION", /no setting is called/],
  ["settings", "deploy/k8s/example/engines.env", /^CAUDAL_WARM=.*$/m, "", /CAUDAL_WARM/],
  ["settings", "Dockerfile", "CAUDAL_HTTP=", "CAUDAL_PORT=", /no setting is called CAUDAL_PORT/],
  ["image", "Dockerfile", "COPY adapters adapters", "COPY adapters/kafka adapters/kafka", /adapters\/redis runs, and is not in the image/],
  ["image", "Dockerfile", "COPY web/package.json web/\n", "", /npm ci needs web\/package.json/],
  ["image", "Dockerfile", /node:24[\w.-]+/, "node:latest", /not pinned/],
  ["image", "Dockerfile", "USER node\n", "", /runs as root/],
  ["image", ".dockerignore", "!config", "", /keeps config out/],
  ["image", "docker-compose.yml", "image: caudal:0.1.0", "image: caudal:0.0.9", /not the version/],
  ["containers", "docker-compose.yml", "apache/kafka:4.3.1", "apache/kafka:latest", /not pinned/],
  ["containers", "docker-compose.yml", "command: [archiver]", "command: [archive]", /its command is archive/],
  ["containers", "docker-compose.yml", "/etc/caudal/initiate.js", "/etc/caudal/init.js", /init.js is not among what is mounted/],
  ["containers", "docker-compose.yml", "${PUBLISH_ADDRESS:-127.0.0.1}:${PUBLISH_MQTT", "0.0.0.0:${PUBLISH_MQTT", /open to everybody/],
  ["containers", "docker-compose.yml", "    mem_limit: 2g\n", "", /no limit of memory/],
  ["containers", "deploy/nginx/upstreams.conf", "business:8000", "business:8001", /upstream business/],
  ["containers", "deploy/prometheus/prometheus.yml", "names: [archiver]", "names: [archive]", /does not ask archiver/],
  ["containers", "deploy/prometheus/prometheus.yml", "/run/caudal-tokens/prometheus", "/run/caudal-tokens/metrics", /its token/],
  ["containers", "deploy/image/health-check.js", "/readyz", "/ready", /which nobody answers/],
  ["routes", "deploy/nginx/nginx.conf", "location /api/v1/tokens", "location /api/v1/keys", /\/api\/v1\/tokens .* is business's, and goes to web/],
  ["routes", "deploy/nginx/nginx.conf", "client_max_body_size 1048576", "client_max_body_size 1000", /takes 1048576 bytes, nginx 1000/],
  ["routes", "deploy/nginx/nginx.conf", /proxy_read_timeout 3700s/g, "proxy_read_timeout 60s", /ends it sooner/],
  ["routes", "deploy/nginx/nginx.conf", "location = /api/v1/live {", "location = /api/v1/alive {", /leads to no operation/],
  ["routes", "deploy/k8s/base/ingress.yaml", "path: /ws", "path: /wss", /ingress: \/ws/],
  ["dashboard", "deploy/grafana/dashboards/caudal.json", "caudal_consumed_records_total", "caudal_consumed_total", /there is no metric caudal_consumed_total/],
  ["dashboard", "deploy/grafana/dashboards/caudal.json", "sum by (tier, code)", "sum by (store, code)", /has a label store/],
  ["dashboard", "deploy/grafana/dashboards/caudal.json", '"uid": "caudal-prometheus"', '"uid": "default"', /not provisioned/],
  ["dashboard", "deploy/grafana/dashboards/caudal.json", '"id": 2,', '"id": 1,', /two panels/],
  ["alerts", "deploy/prometheus/rules/tiers.yml", "caudal_tier_mismatches_total", "caudal_tier_mismatch_total", /there is no metric caudal_tier_mismatch_total/],
  ["alerts", "deploy/prometheus/rules/tiers.yml", "sum by (tier) (increase(caudal_tier_mismatches", "sum(increase(caudal_tier_mismatches", /tells of tier, which its query drops/],
  ["alerts", "deploy/prometheus/rules/tiers.yml", "alert: CaudalTierHeldBack", "alert: CaudalTiersDiffer", /two alerts/],
  ["alerts", "deploy/prometheus/kubernetes.yml", "rules/*.yml", "alerts/*.yml", /kubernetes.yml does not load/],
  ["kubernetes", "deploy/k8s/base/collector.yaml", "minReplicas: 3", "minReplicas: 2", /scaled from 2/],
  ["kubernetes", "deploy/k8s/base/processor.yaml", "path: /readyz", "path: /ready", /probes \/ready/],
  ["kubernetes", "deploy/k8s/base/web.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", /readOnlyRootFilesystem/],
  ["kubernetes", "deploy/k8s/base/web.yaml", "name: caudal-settings", "name: settings", /no ConfigMap settings/],
  ["kubernetes", "deploy/k8s/base/settings.yaml", 'CAUDAL_PARTITIONS: "12"', 'CAUDAL_PARTITIONS: "6"', /more processes than partitions/],
  ["kubernetes", "deploy/k8s/base/kustomization.yaml", "  - archiver.yaml\n", "", /leaves archiver.yaml out/],
  ["kubernetes schema", "deploy/k8s/base/business.yaml", "containerPort: 8000", "containerPort: http", /business/],
  ["kubernetes schema", "deploy/k8s/base/business.yaml", "enableServiceLinks", "enableServiceLink", /enableServiceLink/],
  ["versions", "docker-compose.yml", "redis:7.0.15-alpine", "redis:7.0.14-alpine", /redis:7.0.14-alpine/],
];
for (const [name, file, from, to, says] of faults) {
  test(`${name}: ${file} with ${JSON.stringify(to)} is told`, async (t) => {
    const copy = withChange(t, file, [from, to]);
    const told = await Promise.resolve(deployChecks[name]?.(copy)).then((found) => found ?? [], (error: Error) => [error.message]);
    assert.match(told.join("\n"), says);
  });
}

test("nginx: an exact location counts before the longest prefix, and what cannot be read is an error", () => {
  const locations = locationsOf(parseNginx("http { server { location / { proxy_pass http://a; } location /x { proxy_pass http://b; } location = /x { return 404; } } }"));
  assert.deepEqual(["/", "/x", "/xy"].map((path) => locationFor(locations, path)?.upstream), ["a", undefined, "b"]);
  assert.throws(() => parseNginx("http { server {"), /not closed/);
  assert.throws(() => parseNginx("}"), /too many/);
  assert.throws(() => parseNginx("listen 80"), /semicolon/);
  assert.throws(() => locationsOf(parseNginx("http { server { location ~ x { } } }")), /only prefixes/);
});

test("dashboard: names of metrics and labels are found in a query", () => {
  assert.deepEqual(namesIn('histogram_quantile(0.99, sum by (le, tier) (rate(a_bucket{code=~"x",b!="c"}[5m]))) or vector(0)'), { metrics: ["a_bucket"], labels: ["le", "tier", "code", "b"] });
});
