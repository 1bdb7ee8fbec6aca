import { eventually } from "../test-scene.ts";

export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly client: string; readonly point: string; readonly time: string; readonly receivedAt: string; readonly revision: { readonly authority: number; readonly knownAt: string }; readonly values: readonly Record<string, unknown>[]; readonly labels?: unknown };
}

/** What a browser's EventSource does, as far as is needed: frames, and the id to come back with. */
export class TestEventSource {
  readonly events: ReceivedEvent[] = [];
  lastEventId = "";
  ended = false;
  readonly #abort = new AbortController();

  static async open(url: string, lastEventId?: string): Promise<TestEventSource> {
    const source = new TestEventSource();
    const response = await fetch(url, { headers: lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }, signal: source.#abort.signal });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    void source.#read(response.body!);
    await eventually(() => source.lastEventId !== "");
    return source;
  }

  close(): void {
    this.#abort.abort();
  }

  measurements(): ReceivedEvent[] {
    return this.events.filter(({ event }) => event === "measurement");
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = "";
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          this.#frame(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // Closed by the test.
    }
    this.ended = true;
  }

  #frame(frame: string): void {
    const fields = new Map(frame.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)] as const));
    this.lastEventId = fields.get("id") ?? this.lastEventId;
    const data = fields.get("data");
    if (data !== undefined) this.events.push({ id: this.lastEventId, event: fields.get("event") ?? "message", data: JSON.parse(data) as ReceivedEvent["data"] });
  }
}
