export {
  anonymousPrincipal, createAuthenticate, isLoopback, localPrincipal, principalOf,
  type Authenticate, type AuthenticateOptions, type TokenLookup,
} from "./auth/authenticate.ts";
export { endedSessionCookie, sessionCookie, sessionOf, type SessionCookieOptions } from "./auth/session-cookie.ts";
export { createToken, hashToken, isTokenText, sameHash } from "./auth/token.ts";
export { systemClock, systemSleep, type Clock, type Sleep } from "./clock/clock.ts";
export { createHeldClock, type HeldClock } from "./clock/held-clock.ts";
export { decodeBatch, RECORD_CONTENT_TYPE, type DecodedBatch } from "./consumer/decode-batch.ts";
export { startConsumer, type Consumer, type ConsumerStatus, type StartConsumerOptions } from "./consumer/start-consumer.ts";
export { createTierSink, type TierSinkOptions } from "./consumer/tier-sink.ts";
export { mediaTypeOf, MAX_BODY_BYTES } from "./http/body.ts";
export { checkIfMatch, contentEtag, matchesIfNoneMatch, versionEtag } from "./http/etag.ts";
export { createHealth, type Health, type HealthCheck, type HealthReport, type HealthSource, type HealthStatus } from "./http/health.ts";
export { decodeUtf8, deeperThan, MAX_JSON_DEPTH, parseJsonBytes, parseJsonText, type ParsedJson } from "./http/json-text.ts";
export { createBuckets, type HttpLimits, type TokenBuckets } from "./http/limits.ts";
export { listen, listenOrNext, type ListenTarget } from "./http/listen.ts";
export { openApiDocument, type OpenApiOptions } from "./http/openapi.ts";
export { defineOperation, type ApiRequest, type Method, type Operation, type RawBody, type Reply, type ReplyDoc } from "./http/operation.ts";
export { portOwner } from "./http/port-owner.ts";
export { problemSchema } from "./http/problem-schema.ts";
export {
  Problem, problemDocument, problemFrom, problemTexts, type FieldError, type ProblemDocument, type ProblemOptions,
} from "./http/problem.ts";
export { createHttpServer, type HttpServer, type HttpServerOptions } from "./http/server.ts";
export { eventStreamHeaders, eventText, writeStream, type EventMessage, type StreamOptions } from "./http/stream.ts";
export type { Upgrade, UpgradeCaller } from "./http/upgrades.ts";
export { createLifecycle, type Component, type Lifecycle, type StopReport } from "./lifecycle/lifecycle.ts";
export { settleWithin, type Settled } from "./lifecycle/settle-within.ts";
export { createLogger, logLevels, silentLogger, type LogDestination, type LogFields, type Logger, type LoggerOptions, type LogLevel } from "./log/logger.ts";
export { REDACTED, redactFields, redactText } from "./log/redact.ts";
export { createMetrics, type CounterOf, type GaugeOf, type HistogramOf, type Metrics, type MetricsOptions } from "./metrics/metrics.ts";
export { observeDocuments } from "./metrics/observe-documents.ts";
export { observeEventLog } from "./metrics/observe-event-log.ts";
export { observeSegments } from "./metrics/observe-segments.ts";
export { observeTier } from "./metrics/observe-tier.ts";
export { metricRows, type CounterName, type GaugeName, type HistogramName, type LabelsOf, type MetricRow } from "./metrics/rows.ts";
export { createParkBreaker, type ParkBreaker, type ParkBreakerOptions } from "./parking/breaker.ts";
export { NO_CLIENT, type ParkItem } from "./parking/park-item.ts";
export { createParker, type Parker } from "./parking/parker.ts";
export { PART_BYTES } from "./parking/to-records.ts";
export { backoffMs, pauseMs, policyOf, type BackoffOptions } from "./retry/backoff.ts";
export { retry, type RetryOptions } from "./retry/retry.ts";
export { envSample, settingsTable } from "./settings/docs.ts";
export { parseSettings, settingOrigins, type SettingOrigin, type SettingSources } from "./settings/parse.ts";
export { commaList, durationMs, listenAddress, onOff, oneOf, plainText, wholeNumber, type ListenAddress } from "./settings/schemas.ts";
export { defineSettings, type SettingRow, type SettingRows, type SettingsOf, type SettingsSpec } from "./settings/spec.ts";
export { catalogue, text, textsFor, type TextKey } from "./texts/catalogue.ts";
export { chooseLanguage, fill, isLanguage, languages, type Language, type Text, type TextTable, type TextValues } from "./texts/language.ts";
export { problems, type ProblemCode, type ProblemRow } from "./texts/problems.ts";
export { dropReasonTexts, flagReasonTexts, flagTexts, parkReasonTexts } from "./texts/reasons.ts";
