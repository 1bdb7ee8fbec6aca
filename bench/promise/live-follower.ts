import { request } from "node:http";

/** Follows the live stream as a dashboard does; `onEvent` gets the point and the time of each measurement. Resolves once it is connected, with its end. */
export function followLive(analytics: string, onEvent: (point: string, timeMs: number) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL("/api/v1/live", analytics), { headers: { accept: "text/event-stream" } }, (response) => {
      let rest = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (!line.startsWith("data: {")) continue;
          const { point, time } = JSON.parse(line.slice(6)) as { point?: string; time?: string };
          if (point !== undefined && time !== undefined) onEvent(point, Date.parse(time));
        }
      });
      response.on("error", () => undefined);
      resolve(() => asked.destroy());
    });
    asked.on("error", reject);
    asked.end();
  });
}
