import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request as askOther } from "node:http";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test, type TestContext } from "node:test";
import { CaudalError, hasCode, type SchemaRegistry } from "@caudal/core";
import { Codec, readSchemaFiles } from "@caudal/schemas";
import type { Engine } from "../../../tools/engines/engine.ts";
import { withEngine } from "../../../tools/engines/for-tests.ts";
import { startEngine } from "../../../tools/engines/start.ts";
import { openSchemaRegistry, type SchemaRegistryOptions } from "./open-registry.ts";
import { startGate, type Gate } from "./test-gate.ts";

const [first] = readSchemaFiles();
const isAway = (error: unknown): boolean => error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes";

async function folder(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-registry-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function open(context: TestContext, options: SchemaRegistryOptions): Promise<SchemaRegistry> {
  const registry = await openSchemaRegistry(options);
  context.after(() => registry.close());
  return registry;
}

async function gateTo(context: TestContext, url: string): Promise<Gate> {
  const gate = await startGate(url);
  context.after(() => gate.close());
  return gate;
}

/** Ids of all our schemas, in the order of the files. */
async function idsOf(registry: SchemaRegistry): Promise<number[]> {
  const ids: number[] = [];
  for (const { subject, json } of readSchemaFiles()) ids.push(await registry.idFor(subject, json));
  return ids;
}

/** Asks a registry as any other program would. */
async function ask(url: string, path: string, body?: object): Promise<{ readonly id: number; readonly compatibilityLevel: string } & readonly number[]> {
  const headers = { "content-type": "application/vnd.schemaregistry.v1+json" };
  const response = await fetch(`${url}${path}`, body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) });
  return (await response.json()) as { id: number; compatibilityLevel: string } & number[];
}

withEngine("registry", (shared) => {
  suite("a registry that is away", () => {
    test("at the start: what the cache knows goes on, codec and all, and what it does not know waits", async (context) => {
      const cacheDirectory = await folder(context);
      const gate = await gateTo(context, shared);
      const ids = await idsOf(await open(context, { url: gate.url, cacheDirectory }));
      await gate.refuse();
      const told: string[] = [];
      const registry = await open(context, { url: gate.url, cacheDirectory, tell: (event) => told.push(event) });
      assert.deepEqual(await idsOf(registry), ids);
      await Codec.open(registry);
      assert.ok(told.includes("registry.away"));
      await assert.rejects(registry.schemaById(999_997), isAway);
      await assert.rejects(registry.idFor("caudal.other-value", '{"type":"record","name":"Other","fields":[]}'), isAway);
      await gate.heal();
      assert.equal(await registry.schemaById(999_997), undefined);
    });

    test("at the start, and nothing is cached: it is said what to do", async (context) => {
      const cacheDirectory = await folder(context);
      const gate = await gateTo(context, shared);
      await gate.refuse();
      const url = gate.url.replace("http://", "http://user:s3cret@");
      await assert.rejects(openSchemaRegistry({ url, cacheDirectory }), (error) => {
        assert.ok(isAway(error) && error instanceof Error);
        assert.match(error.message, /Start the registry, or copy the cache/);
        assert.match(error.message, /ECONNREFUSED/);
        assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes("s3cret"));
        return true;
      });
    });

    test("without closing the connection: the deadline ends the wait", async (context) => {
      const gate = await gateTo(context, shared);
      const registry = await open(context, { url: gate.url, cacheDirectory: await folder(context), requestMs: 250 });
      gate.halfOpen();
      await assert.rejects(registry.schemaById(999_996), (error) => isAway(error) && /Timeout/.test(String(error)));
      await assert.rejects(registry.idFor("caudal.other-value", '{"type":"record","name":"Other","fields":[]}'), isAway);
    });
  });

  suite("the cache on disk", () => {
    test("is rebuilt where it was damaged", async (context) => {
      const cacheDirectory = await folder(context);
      const gate = await gateTo(context, shared);
      const ids = await idsOf(await open(context, { url: gate.url, cacheDirectory }));
      const [own = ""] = await readdir(cacheDirectory);
      const files = (await readdir(join(cacheDirectory, own))).sort();
      assert.equal(files.length, 2 * readSchemaFiles().length);
      const ofIds = files.filter((name) => name.startsWith("id-"));
      const ofSubjects = files.filter((name) => name.startsWith("subject-"));
      const [cut = "", empty = "", other = "", swapped = ""] = [...ofSubjects.slice(0, 2), ...ofIds.slice(0, 2)].map((name) => join(cacheDirectory, own, name));
      await writeFile(cut, (await readFile(cut)).subarray(0, 40));
      await writeFile(empty, "");
      await writeFile(other, "null");
      await writeFile(swapped, (await readFile(swapped, "utf8")).replace(/"id":\d+/, '"id":4711'));
      const told: string[] = [];
      const rebuilt = await open(context, { url: gate.url, cacheDirectory, tell: (event) => told.push(event) });
      assert.deepEqual(await idsOf(rebuilt), ids);
      assert.equal(told.filter((event) => event === "registry.cache-damaged").length, 4);
      assert.deepEqual((await readdir(join(cacheDirectory, own))).sort(), files);
      await gate.refuse();
      assert.deepEqual(await idsOf(await open(context, { url: gate.url, cacheDirectory })), ids);
    });

    test("that cannot be written is told, and costs only the memory of a restart", async (context) => {
      const cacheDirectory = join(await folder(context), "file");
      await writeFile(cacheDirectory, "in the way");
      const told: string[] = [];
      const registry = await open(context, { url: shared, cacheDirectory, tell: (event) => told.push(event) });
      assert.equal((await idsOf(registry)).length, readSchemaFiles().length);
      assert.ok(told.includes("registry.cache-refused"));
    });

    test("keeps what other programs registered too, with docs and defaults", async (context) => {
      const cacheDirectory = await folder(context);
      const gate = await gateTo(context, shared);
      const registry = await open(context, { url: gate.url, cacheDirectory });
      const schema = { type: "record", name: "Foreign", namespace: "x.test", doc: "whole", fields: [{ name: "a", type: ["null", "string"], default: null, doc: "kept" }] };
      const { id } = await ask(shared, "/subjects/caudal-test-foreign-value/versions", { schema: JSON.stringify(schema) });
      const [one, two] = await Promise.all([registry.schemaById(id), registry.schemaById(id)]);
      assert.deepEqual([JSON.parse(one ?? ""), JSON.parse(two ?? "")], [schema, schema]);
      await gate.refuse();
      const again = await open(context, { url: gate.url, cacheDirectory });
      assert.deepEqual(JSON.parse((await again.schemaById(id)) ?? ""), schema);
    });
  });

  suite("a registry behind a proxy that has its own mind", () => {
    /** Passes on what comes with the right password; `answer` may reply in the registry's place. */
    async function proxyTo(context: TestContext, answer: (path: string, method: string) => number | undefined): Promise<string> {
      const proxy = createServer((request, response) => {
        const { url: path = "", method = "", headers } = request;
        const status = headers.authorization === `Basic ${Buffer.from("app:s3:cret").toString("base64")}` ? answer(path, method) : 401;
        if (status !== undefined) return void response.writeHead(status, { "content-type": "text/html" }).end("<html>proxy</html>");
        const { hostname, port } = new URL(shared);
        const { authorization: _, ...others } = headers;
        request.pipe(askOther({ hostname, port, path, method, headers: others }, (reply) => void reply.pipe(response.writeHead(reply.statusCode ?? 500, reply.headers))));
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
      context.after(() => {
        proxy.closeAllConnections();
        proxy.close();
      });
      return `http://app:s3%3Acret@127.0.0.1:${(proxy.address() as { port: number }).port}${new URL(shared).pathname}`;
    }

    test("user and password of the URL are used, and wrong ones are a setting that tells neither", async (context) => {
      const url = await proxyTo(context, () => undefined);
      const cacheDirectory = await folder(context);
      assert.equal((await idsOf(await open(context, { url, cacheDirectory }))).length, readSchemaFiles().length);
      const wrong = url.replace("s3%3Acret", "wr0ng");
      await assert.rejects(openSchemaRegistry({ url: wrong, cacheDirectory }), (error) => hasCode(error, "setting") && !String(error).includes("wr0ng"));
      await assert.rejects(openSchemaRegistry({ url: "ftp://a.test", cacheDirectory }), (error) => hasCode(error, "setting"));
    });

    test("a page that is not found is no denial of an id, and an overload none of a schema", async (context) => {
      let status: number | undefined;
      const url = await proxyTo(context, (path, method) => (path.includes("/schemas/ids/") || method === "PUT" ? status : undefined));
      const registry = await open(context, { url, cacheDirectory: await folder(context) });
      status = 404;
      await assert.rejects(registry.schemaById(999_994), (error) => hasCode(error, "setting"));
      for (status of [500, 503, 429]) await assert.rejects(registry.schemaById(999_994), isAway);
      const schema = JSON.stringify({ type: "record", name: "Fresh", namespace: "x.test", fields: [] });
      await assert.rejects(registry.idFor(`caudal-test-${randomUUID()}-value`, schema), isAway);
      status = 403;
      await assert.rejects(registry.idFor(`caudal-test-${randomUUID()}-value`, schema), (error) => hasCode(error, "setting"));
      status = undefined;
      assert.equal(await registry.schemaById(999_994), undefined);
      assert.equal(await registry.schemaById(999_994), undefined);
    });
  });

  suite("a registry of its own", () => {
    let engine: Engine;
    before(async () => (engine = await startEngine("registry")));
    after(() => engine.stop());

    test("two processes that start at once on an empty registry agree, and each subject then demands FULL_TRANSITIVE", async (context) => {
      const registries = await Promise.all(Array.from({ length: 2 }, async () => open(context, { url: engine.url, cacheDirectory: await folder(context) })));
      const [one, two] = await Promise.all(registries.map(idsOf));
      assert.deepEqual(one, two);
      for (const { subject } of readSchemaFiles()) {
        assert.equal((await ask(engine.url, `/config/${subject}`)).compatibilityLevel, "FULL_TRANSITIVE");
        // A registry may number the same text twice when two bring it at once; what counts is that every version means the same.
        for (const version of (await ask(engine.url, `/subjects/${subject}/versions`)) as readonly number[]) {
          assert.equal((await ask(engine.url, `/subjects/${subject}/versions/${version}`)).id, (await ask(engine.url, `/subjects/${subject}/versions/1`)).id, `${subject} ${version}`);
        }
      }
    });

    test("killed in flight it stops nothing known; one that comes back empty and means other schemas by its ids is found out", async (context) => {
      const cacheDirectory = await folder(context);
      const registry = await open(context, { url: engine.url, cacheDirectory });
      const ids = await idsOf(registry);
      await engine.nodes[0]?.kill();
      assert.deepEqual(await idsOf(registry), ids);
      assert.deepEqual(JSON.parse((await registry.schemaById(ids[0] as number)) ?? ""), JSON.parse(first?.json ?? ""));
      await assert.rejects(registry.schemaById(999_995), isAway);
      await engine.nodes[0]?.start();
      assert.equal(await registry.schemaById(999_995), undefined);
      for (let id = 0; id < Math.min(...ids);) {
        ({ id } = await ask(engine.url, "/subjects/caudal-test-other-value/versions", { schema: JSON.stringify({ type: "record", name: `R${id}`, namespace: "x.test", fields: [] }) }));
      }
      await assert.rejects(openSchemaRegistry({ url: engine.url, cacheDirectory }), (error) => hasCode(error, "setting") && /another schema than before/.test(String(error)));
    });
  });
});
