/** One directive of an nginx configuration, with its block where it has one. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block?: readonly Directive[];
}

/** Words, quoted words, braces and semicolons of a configuration. */
function tokens(text: string): string[] {
  return text.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^\s{};"']+/g)?.filter((token) => !token.startsWith("#")) ?? [];
}

const unquoted = (token: string): string => (/^["']/.test(token) ? token.slice(1, -1) : token);

/** Parses a configuration; throws where a brace or a semicolon is missing. */
export function parseNginx(text: string): readonly Directive[] {
  const rest = tokens(text);
  let at = 0;

  function directives(inBlock: boolean): Directive[] {
    const found: Directive[] = [];
    for (;;) {
      const token = rest[at];
      if (token === undefined) {
        if (inBlock) throw new Error("a block is not closed");
        return found;
      }
      if (token === "}") {
        if (!inBlock) throw new Error("a brace too many");
        at += 1;
        return found;
      }
      found.push(directive());
    }
  }

  function directive(): Directive {
    const words: string[] = [];
    for (;;) {
      const token = rest[at++];
      if (token === undefined) throw new Error(`no semicolon after ${words.join(" ")}`);
      const [name = "", ...args] = words;
      if (token === ";") return { name, args };
      if (token === "{") return { name, args, block: directives(true) };
      words.push(unquoted(token));
    }
  }

  return directives(false);
}

export function named(directives: readonly Directive[], name: string): readonly Directive[] {
  return directives.filter((directive) => directive.name === name);
}

/** The blocks below a path of names: `blocks(config, "http", "server")`. */
export function blocks(directives: readonly Directive[], ...path: readonly string[]): readonly Directive[] {
  return path.reduce((level, name) => named(level, name).flatMap(({ block = [] }) => block), directives);
}

/** A location of the server: where it sends what. */
export interface Location {
  /** As written: `= /ws`, `/api/v1/points`. */
  readonly label: string;
  readonly exact: boolean;
  readonly path: string;
  /** Name of its upstream; undefined where nginx answers itself. */
  readonly upstream: string | undefined;
  readonly directives: readonly Directive[];
}

/** The server's locations that requests reach; throws on a form whose order the checks would have to guess. */
export function locationsOf(config: readonly Directive[]): Location[] {
  return named(blocks(config, "http", "server"), "location").flatMap(({ args, block = [] }): Location[] => {
    if (args[0]?.startsWith("@")) return [];
    const exact = args[0] === "=";
    const path = exact ? args[1] : args[0];
    if (path === undefined || !path.startsWith("/")) throw new Error(`location ${args.join(" ")}: only prefixes and exact paths are checked here`);
    const upstream = named(block, "proxy_pass")[0]?.args[0]?.replace(/^https?:\/\//, "");
    return [{ label: args.join(" "), exact, path, upstream, directives: block }];
  });
}

/** The location that nginx takes for a path: an exact one, else the longest prefix. */
export function locationFor(locations: readonly Location[], path: string): Location | undefined {
  const fits = locations.filter((location) => (location.exact ? location.path === path : path.startsWith(location.path)));
  return fits.find(({ exact }) => exact) ?? fits.sort((a, b) => b.path.length - a.path.length)[0];
}
