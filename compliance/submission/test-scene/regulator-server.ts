import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server does with a POST. "lost": stored, and nothing answered; "hang": neither, until the client leaves. */
export type Manner =
  | "accept" | "no-voucher" | "lost" | "hang" | "lost-hang" | "reset" | "fault" | "html" | "refuse" | "not-informant" | "blocked" | "duplicate-no-voucher" | { readonly duplicateOf: string; readonly shouted?: boolean };

export interface Posted {
  readonly code: string;
  readonly slot: string;
  readonly atUs: number;
  readonly centre: string;
  readonly password: string;
  readonly manner: Manner;
}

export interface RegulatorServer {
  readonly url: string;
  readonly posts: Posted[];
  readonly gets: string[];
  /** By `code date time`: vouchers in order of storing. */
  readonly stored: Map<string, { readonly voucher: string; readonly data: Record<string, string> }[]>;
  /** Decides on each POST; all are accepted when absent. */
  manner: (post: Pick<Posted, "code" | "slot" | "atUs">) => Manner;
  /** Changes what a GET answers. */
  held: (data: Record<string, string>) => Record<string, string> | "not-found" | "fault";
  /** Resolves when so many POSTs have arrived. */
  arrived(posts: number): Promise<void>;
  close(): Promise<void>;
}

/** A regulator as small as it can be, with the documented contract. */
export async function openRegulatorServer(nowUs: () => number): Promise<RegulatorServer> {
  const waiters: { readonly posts: number; wake(): void }[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      if (request.method === "GET") get(new URL(request.url ?? "", "http://x").searchParams.get("numeroComprobante") ?? "", response);
      else post(String(request.headers["codigoobra"]), JSON.parse(Buffer.concat(pieces).toString()) as Record<string, Record<string, string>>, response);
      for (const waiter of waiters.splice(0)) if (opened.posts.length >= waiter.posts) waiter.wake();
      else waiters.push(waiter);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const opened: RegulatorServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts: [], gets: [], stored: new Map(), manner: () => "accept", held: (data) => data,
    arrived: (posts) => (opened.posts.length >= posts ? Promise.resolve() : new Promise((wake) => waiters.push({ posts, wake }))),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function post(code: string, body: Record<string, Record<string, string>>, response: ServerResponse): void {
    const { autenticacion, ...rest } = body;
    const data = Object.values(rest)[0]!;
    const slot = `${data["fechaMedicion"]} ${data["horaMedicion"]}`;
    const id = `${code} ${slot}`;
    const asked = { code, slot, atUs: nowUs() };
    const manner = opened.manner(asked);
    opened.posts.push({ ...asked, centre: autenticacion!["rutEmpresa"]!, password: autenticacion!["password"]!, manner });
    const answer = (status: number, said: unknown): void => void response.writeHead(status, { "Content-Type": "application/json" }).end(typeof said === "string" ? said : JSON.stringify(said));
    const keep = (): string => {
      const voucher = `V${String(opened.posts.length).padStart(31, "0")}`;
      opened.stored.set(id, [...(opened.stored.get(id) ?? []), { voucher, data }]);
      return voucher;
    };
    const there = opened.stored.get(id)?.[0];
    if (manner === "hang") return;
    if (manner === "reset") return void response.destroy();
    if (manner === "fault") return answer(500, "broken");
    if (manner === "html") return answer(200, "<html>maintenance</html>");
    if (manner === "blocked") return answer(403, "denied");
    if (manner === "refuse") return answer(400, { status: "99", message: "rechazada" });
    if (manner === "not-informant") return answer(400, { status: "01", message: "Usuario no es el informante registrado en la Obra" });
    if (typeof manner === "object") {
      const message = `Ya existe un registro en esa fecha, hora para la obra. Comprobante: ${manner.duplicateOf}`;
      return answer(400, { status: "01", message: manner.shouted === true ? message.toUpperCase() : message });
    }
    if (manner === "duplicate-no-voucher") return answer(400, { status: "01", message: "Ya existe un registro en esa fecha, hora para la obra." });
    if (there !== undefined) return answer(400, { status: "01", message: `Ya existe un registro en esa fecha, hora para la obra. Comprobante: ${there.voucher}` });
    const voucher = keep();
    if (manner === "lost") return void response.destroy();
    if (manner === "lost-hang") return;
    answer(200, { status: "00", message: "ingresada correctamente", data: manner === "no-voucher" ? {} : { numeroComprobante: voucher } });
  }

  function get(voucher: string, response: ServerResponse): void {
    opened.gets.push(voucher);
    const found = [...opened.stored.values()].flat().find((each) => each.voucher === voucher);
    const data = found === undefined ? "not-found" : opened.held(found.data);
    if (data === "fault") return void response.writeHead(502).end("bad gateway");
    response.writeHead(200).end(JSON.stringify(data === "not-found" ? { status: "02", message: "no existe" } : { status: "00", message: "", data }));
  }
  return opened;
}
