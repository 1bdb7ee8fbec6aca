/** One server-sent event. */
export interface ServerEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

function parseEvent(block: string): ServerEvent {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at < 1) continue;
    const name = line.slice(0, at);
    const value = line.slice(at + 1).replace(/^ /, "");
    fields.set(name, fields.has(name) ? `${fields.get(name) ?? ""}\n${value}` : value);
  }
  return { id: fields.get("id") ?? "", name: fields.get("event") ?? "message", data: fields.get("data") ?? "" };
}

/** The events of a server-sent event stream until it ends; comments and empty events are passed over. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? []) {
    rest = `${rest}${decoder.decode(chunk as Uint8Array, { stream: true })}`.replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event.data !== "") yield event;
    }
  }
}
