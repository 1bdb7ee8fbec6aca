import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const usage = `npm run new -- provider NAME

Makes collector/providers/NAME: a provider that works, with a README, settings, a request, what an answer means and a fixture, and its row in
collector/providers/providers.ts. NAME: a-z, 0-9 and dashes inside, at most 40. For a service that answers plain JSON, a block in
config/providers.yaml may do without any code: docs/providers.md.`;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [kind, name, ...rest] = process.argv.slice(2);
if (kind === "--help" || kind === "help") console.log(usage);
else if (kind !== "provider" || name === undefined || rest.length > 0) fail(2, usage);
else makeProvider(name);

function makeProvider(id) {
  if (!/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(id)) fail(2, `${JSON.stringify(id)} is no name for a provider: a-z, 0-9 and dashes inside, at most 40, beginning with a letter`);
  const folder = join(root, "collector", "providers", id);
  const listPath = join(root, "collector", "providers", "providers.ts");
  if (existsSync(folder)) fail(1, `collector/providers/${id} is there already; nothing was changed. Take another name, or remove that folder and its row in collector/providers/providers.ts`);
  const list = readFileSync(listPath, "utf8");
  if (namesIn(list).has(id)) fail(1, `${id} is already a name of a provider; nothing was changed. Take another name`);
  const camel = id.replace(/-+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  const words = { id, camel, pascal: camel[0].toUpperCase() + camel.slice(1), title: id.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join(" ") };
  const row = withRow(list, words);
  const templates = join(root, "tools", "new", "provider");
  const made = readdirSync(templates).filter((file) => file.endsWith(".template")).sort().map((file) => {
    const path = file.replace(/\.template$/, "").replace("fixture-", "fixtures/").replace("PROVIDER", id);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), filled(readFileSync(join(templates, file), "utf8"), words), { flag: "wx" });
    return `collector/providers/${id}/${path}`;
  });
  writeFileSync(listPath, row);
  console.log([
    `Made the provider ${id}:`, ...made.map((path) => `  ${path}`), "  collector/providers/providers.ts (its row)", "",
    "It asks GET /v1/devices/DEVICE/readings and reads a list of rows with key, value and time.", "Next:",
    `  1. put an answer of the real service into collector/providers/${id}/fixtures/, with what you expect of it`,
    `  2. change client.ts (what is asked) and normalise.ts (what it means) until the fixtures pass:`,
    "     node --test collector/providers/fixtures.unit.test.ts",
    `  3. add an account with provider: ${id} to config/providers.yaml, and look: npx caudal providers try ACCOUNT`,
  ].join("\n"));
}

/** Ids and aliases of the providers in the list, as their own files say them. */
function namesIn(list) {
  const names = new Set();
  for (const [, path] of list.matchAll(/from "\.\/([a-z0-9-]+\/[a-z0-9-]+\.ts)"/g)) {
    const source = readFileSync(join(root, "collector", "providers", path), "utf8");
    for (const [, id] of source.matchAll(/\bid: "([^"]+)"/g)) names.add(id);
    for (const [, aliases] of source.matchAll(/\baliases: \[([^\]]*)\]/g)) for (const [, alias] of aliases.matchAll(/"([^"]+)"/g)) names.add(alias);
  }
  return names;
}

function withRow(list, { id, camel }) {
  const imports = `import { ${camel} } from "./${id}/${id}.ts";\n`;
  const before = list.indexOf("/** Every provider");
  const end = list.indexOf("\n];", list.indexOf("export const providers"));
  if (before === -1 || end === -1) fail(1, "collector/providers/providers.ts is not as it was; add the row by hand after its last one");
  const lines = list.slice(0, before).trimEnd();
  return `${lines}\n${imports}\n${list.slice(before, end)}\n  ${camel},${list.slice(end)}`;
}

function filled(template, words) {
  return template.replace(/\{\{(id|camel|pascal|title)\}\}/g, (_, word) => words[word]);
}

function fail(code, message) {
  console.error(message);
  process.exit(code);
}
