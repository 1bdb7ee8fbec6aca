const blank = /[ \t\n\r]*/y;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/**
 * Index of the first character at which a text stops being JSON: V8 names no place for most texts, and quotes what it names. Undefined
 * when it is JSON. Recurses once a level: the text's depth must have been bounded before.
 */
export function jsonFault(text: string): number | undefined {
  let index = 0;

  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = index;
    if (!pattern.test(text)) return false;
    index = pattern.lastIndex;
    return true;
  }

  function take(character: string): boolean {
    skip(blank);
    if (text[index] !== character) return false;
    index++;
    return true;
  }

  function members(close: string, member: () => boolean): boolean {
    if (take(close)) return true;
    do {
      if (!member()) return false;
    } while (take(","));
    return take(close);
  }

  function value(): boolean {
    skip(blank);
    if (take("{")) return members("}", () => (skip(blank), skip(string)) && take(":") && value());
    if (take("[")) return members("]", value);
    return skip(string) || skip(scalar);
  }

  if (!value()) return index;
  skip(blank);
  return index === text.length ? undefined : index;
}
