import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { buildPage, createPageHandler, pageRoutes, type PageAssets } from "../index.ts";

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

describe("the page as it is served", () => {
  let assets: PageAssets;
  let port = 0;
  const server = createServer((request, response) => createPageHandler(assets)(request, response, () => response.writeHead(404).end("next")));

  before(async () => {
    assets = await buildPage();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => new Promise<void>((resolve) => server.close(() => resolve())));

  function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> {
    return new Promise((resolve, reject) => {
      httpRequest({ host: "127.0.0.1", port, path, headers, method, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
      }).on("error", reject).end();
    });
  }

  const html = () => assets.get("/")?.body.toString("utf8") ?? assert.fail("no document");

  test("the document loads files of its own origin only, and nothing is inline", () => {
    const links = [...html().matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    assert.ok(links.length >= 4);
    for (const link of links) assert.ok(assets.has(link), link);
    assert.doesNotMatch(html(), /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  });

  test("scripts and styles ask no other host and hold no data addresses", () => {
    for (const [path, { body }] of assets) {
      if (!path.endsWith(".js") && !path.endsWith(".css")) continue;
      const foreign = [...body.toString("utf8").matchAll(/https?:\/\/[\w.-]+/g)].map((match) => match[0]).filter((address) => !/^https?:\/\/www\.w3\.org$/.test(address));
      assert.deepEqual(foreign, [], path);
      assert.doesNotMatch(body.toString("utf8"), /url\(\s*["']?data:/);
    }
  });

  test("what the first screen loads stays below 60 kB of compressed script", () => {
    const [, app = ""] = /src="(\/assets\/app-[^"]+)"/.exec(html()) ?? [];
    const script = assets.get(app)?.body.toString("utf8") ?? assert.fail("no script");
    const chunks = [...script.matchAll(/from"\.\/([^"]+)"/g)].map((match) => `/assets/${match[1]}`);
    const bytes = [app, ...chunks].reduce((sum, path) => sum + (assets.get(path)?.gzip.length ?? 0), 0);
    assert.ok(bytes > 5_000 && bytes < 60_000, `${bytes} bytes`);
  });

  test("each path of the page answers with the document, with and without a trailing slash", async () => {
    for (const route of pageRoutes) {
      const path = route.replace(":id", "pt_1");
      for (const written of new Set([path, path === "/" ? "/" : `${path}/`, `${path}?range=7d`])) {
        const got = await get(written);
        assert.equal(got.status, 200, written);
        assert.equal(got.headers["content-type"], "text/html; charset=utf-8");
        assert.equal(got.headers["cache-control"], "no-cache");
        assert.equal(got.body.toString("utf8"), html());
      }
    }
  });

  test("other paths and methods go on to the next handler", async () => {
    for (const [path, method] of [["/points/a/b", "GET"], ["/api/v1/points", "GET"], ["/", "POST"], ["/assets/none.js", "GET"]] as const) assert.equal((await get(path, {}, method)).status, 404, path);
  });

  test("files are sent in the best encoding that is taken, and hashed ones never change", async () => {
    const path = [...assets.keys()].find((name) => name.startsWith("/assets/app-") && name.endsWith(".js")) ?? "";
    const plain = await get(path);
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.match(String(plain.headers["cache-control"]), /immutable/);
    const gzipped = await get(path, { "accept-encoding": "gzip, deflate" });
    assert.equal(gzipped.headers["content-encoding"], "gzip");
    assert.deepEqual(gunzipSync(gzipped.body), plain.body);
    const smaller = await get(path, { "accept-encoding": "gzip, br;q=1.0" });
    assert.equal(smaller.headers["content-encoding"], "br");
    assert.deepEqual(brotliDecompressSync(smaller.body), plain.body);
    assert.equal((await get(path, { "accept-encoding": "br;q=0, gzip;q=0" })).headers["content-encoding"], undefined);
    assert.equal(plain.headers["vary"], "accept-encoding");
  });

  test("a known document is not sent again, HEAD sends none", async () => {
    const first = await get("/");
    const etag = String(first.headers["etag"]);
    assert.equal((await get("/", { "if-none-match": etag })).status, 304);
    assert.equal((await get("/", { "if-none-match": `"x", W/${etag}` })).status, 304);
    assert.equal((await get("/", { "if-none-match": '"x"' })).status, 200);
    const head = await get("/", {}, "HEAD");
    assert.equal(head.body.length, 0);
    assert.equal(Number(head.headers["content-length"]), first.body.length);
  });

  test("building again gives the same names, so caches stay good across starts", async () => {
    assert.deepEqual([...(await buildPage()).keys()].sort(), [...assets.keys()].sort());
  });
});
