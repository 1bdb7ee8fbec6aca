/** Lines to paste into a shell, each of which sends a first reading. */
export interface SendLines {
  readonly npx: string;
  readonly mosquitto_pub: string | null;
  readonly curl: string;
}

/** A broker that takes readings: the built-in one, or the first of those that exist. */
export interface SendBroker {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly caFile: string | undefined;
  readonly user: string | undefined;
  /** Environment variable that holds the password to be shown; undefined where none is asked for. */
  readonly passwordIn: string | undefined;
}

export interface SendTarget {
  /** Address of the page. */
  readonly page: string;
  /** The data folder is not the one that commands look at by themselves. */
  readonly elsewhere: boolean;
  /** HTTP asks for a token. */
  readonly httpToken: boolean;
  readonly broker: SendBroker | undefined;
}

const TOKEN = "CAUDAL_TOKEN";

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function publishLine({ host, port, tls, caFile, user, passwordIn }: SendBroker): string {
  const secure = !tls ? "" : caFile === undefined ? " --tls-use-os-certs" : ` --cafile ${quoted(caFile)}`;
  const who = passwordIn === undefined ? (user === undefined ? "" : ` -u ${quoted(user)}`) : ` -u ${quoted(user ?? "me")} -P "$${passwordIn}"`;
  return `mosquitto_pub -h ${quoted(host)} -p ${port}${secure}${who} -q 1 -t caudal/default/my-meter/readings -m '{"flow":12.5}'`;
}

/** A command for this installation. */
export function caudalCommand(words: string, { page, elsewhere }: Pick<SendTarget, "page" | "elsewhere">): string {
  return `npx caudal ${words}${elsewhere ? ` --url ${quoted(page)}` : ""}`;
}

/** What is asked for a token takes it from the environment, so that none stands in the history of a shell. */
export function sendLines({ page, elsewhere, httpToken, broker }: SendTarget): SendLines {
  const bearer = httpToken ? ` -H "authorization: Bearer $${TOKEN}"` : "";
  return {
    npx: caudalCommand("send my-meter flow=12.5", { page, elsewhere }),
    mosquitto_pub: broker === undefined ? null : publishLine(broker),
    curl: `curl ${quoted(new URL("/api/v1/readings", page).href)}${bearer} -H 'content-type: application/json' -d '{"device_id":"my-meter","flow":12.5}'`,
  };
}

/** The environment variable that the lines expect a Caudal token in. */
export const tokenVariable = TOKEN;
