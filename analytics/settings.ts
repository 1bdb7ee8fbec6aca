import { defineSettings, durationMs, wholeNumber } from "@caudal/runtime";

export const analyticsSettings = defineSettings({
  component: "analytics",
  rows: {
    liveClients: {
      env: "CAUDAL_LIVE_CLIENTS", schema: wholeNumber({ min: 1, max: 100_000 }), default: "500",
      doc: { en: "Clients that may follow the live stream at once; more get 503.", es: "Clientes que pueden seguir el flujo en vivo a la vez; los demás reciben 503." },
    },
    liveHeartbeatMs: {
      env: "CAUDAL_LIVE_HEARTBEAT", schema: durationMs, default: "15s",
      doc: { en: "Longest silence of a live stream.", es: "Silencio máximo de un flujo en vivo." },
    },
    rollupDelayMs: {
      env: "CAUDAL_ROLLUP_DELAY", schema: durationMs, default: "3s",
      doc: {
        en: "How long after its end a 15-minute bucket is computed, and for how long a point must be quiet after late data.",
        es: "Cuánto después de su fin se calcula un intervalo de 15 minutos, y cuánto debe estar quieto un punto tras datos tardíos.",
      },
    },
    rollupEveryMs: {
      env: "CAUDAL_ROLLUP_EVERY", schema: durationMs, default: "1s",
      doc: { en: "Time between looks for rollups to compute.", es: "Tiempo entre búsquedas de resúmenes por calcular." },
    },
  },
});
