# One image for every process of the fleet: `docker run caudal:0.1.0 collector`.

# What running needs, exactly as package-lock.json names it. No package's scripts run.
FROM node:24.18.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY schemas/package.json schemas/
COPY core/package.json core/
COPY runtime/package.json runtime/
COPY contract-tests/package.json contract-tests/
COPY adapters/embedded/package.json adapters/embedded/
COPY adapters/kafka/package.json adapters/kafka/
COPY adapters/redis/package.json adapters/redis/
COPY adapters/mongo/package.json adapters/mongo/
COPY adapters/cassandra/package.json adapters/cassandra/
COPY collector/package.json collector/
COPY processor/package.json processor/
COPY archiver/package.json archiver/
COPY analytics/package.json analytics/
COPY business/package.json business/
COPY compliance/package.json compliance/
COPY web/package.json web/
COPY examples/fleet/package.json examples/fleet/
COPY simulator/package.json simulator/
COPY sandbox/package.json sandbox/
COPY verifier/package.json verifier/
COPY caudal/package.json caudal/
RUN npm ci --omit=dev --include=optional --workspace=@caudal/caudal --ignore-scripts

FROM node:24.18.0-bookworm-slim
ENV NODE_ENV=production \
    CAUDAL_DATA=/var/lib/caudal \
    CAUDAL_HTTP=0.0.0.0:8000
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE NOTICE ./
COPY schemas schemas
COPY core core
COPY runtime runtime
COPY adapters adapters
COPY collector collector
COPY processor processor
COPY archiver archiver
COPY analytics analytics
COPY business business
COPY compliance compliance
COPY web web
COPY examples/fleet examples/fleet
COPY simulator simulator
COPY sandbox sandbox
COPY verifier verifier
COPY caudal caudal
COPY config config
COPY deploy/image deploy/image

# The folders that may be written, each a place for a volume; all else is root's and may be mounted read-only.
RUN install -d -o node -g node /var/lib/caudal /var/lib/caudal/inbox /var/lib/caudal/tokens
USER node
VOLUME /var/lib/caudal
EXPOSE 8000
# A process of the fleet stops taking, drains and settles its offsets within 20 s of this signal.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/deploy/image/health-check.js"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning", "/app/caudal/main.ts"]
CMD ["--help"]
