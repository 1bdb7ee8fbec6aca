/** At most `requests` in `perMs` milliseconds. */
export interface Limit {
  readonly requests: number;
  readonly perMs: number;
}

/** `50:1,1000:60`: requests and seconds, as ThingsBoard writes them. RangeError for anything else; an empty text is no limit. */
export function parseLimits(text: string): readonly Limit[] {
  if (text === "") return [];
  return text.split(",").map((part) => {
    const [, requests, seconds] = /^([1-9]\d{0,8}):([1-9]\d{0,5})$/.exec(part.trim()) ?? [];
    if (requests === undefined) throw new RangeError(`a limit is written requests:seconds, not ${part}`);
    return { requests: Number(requests), perMs: Number(seconds) * 1000 };
  });
}

export function limitsText(limits: readonly Limit[]): string {
  return limits.map(({ requests, perMs }) => `${requests}:${perMs / 1000}`).join(",");
}
