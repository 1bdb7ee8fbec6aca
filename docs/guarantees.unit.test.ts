import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const page = new URL("guarantees.md", import.meta.url);
const rows = readFileSync(page, "utf8").split("\n").filter((line) => line.startsWith("|") && !/^\|( sink|---)/.test(line));

test("every guarantee names a test that exists", () => {
  assert.ok(rows.length > 25);
  for (const row of rows) {
    const proof = row.split("|").at(-2) ?? "";
    const links = [...proof.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => new URL(link ?? "", page));
    const titles = [...proof.matchAll(/"([^"]+)"/g)].map(([, title]) => title ?? "");
    assert.ok(links.length > 0 && titles.length > 0, row);
    for (const link of links) assert.ok(existsSync(link), `${link.pathname} is named and not there`);
    const text = links.map((link) => readFileSync(link, "utf8")).join("\n");
    for (const title of titles) assert.ok(text.includes(title), `no test says "${title}"`);
  }
});
