/** Bytes as people read them: offset, 16 bytes in hex, and their ASCII. At most `mostBytes` are written. */
export function hexDump(bytes: Uint8Array, mostBytes: number): string {
  const lines: string[] = [];
  const end = Math.min(bytes.length, mostBytes);
  for (let offset = 0; offset < end; offset += 16) {
    const row = bytes.subarray(offset, Math.min(offset + 16, end));
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const ascii = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${offset.toString(16).padStart(6, "0")}  ${hex.slice(0, 8).join(" ").padEnd(24)} ${hex.slice(8).join(" ").padEnd(24)} ${ascii}`);
  }
  return lines.join("\n");
}

/** JSON with line breaks; any other text as it is. */
export function readableText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
