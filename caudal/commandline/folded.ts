const BETWEEN = " | ";

/** Lines of at most `columns` characters: broken between the text's parts, and within one only where it alone is too long. */
export function folded(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(BETWEEN)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + BETWEEN.length + part.length <= columns) lines[lines.length - 1] = `${last}${BETWEEN}${part}`;
    else for (let from = 0; from < Math.max(1, part.length); from += Math.max(1, columns)) lines.push(part.slice(from, from + Math.max(1, columns)));
  }
  return lines;
}
