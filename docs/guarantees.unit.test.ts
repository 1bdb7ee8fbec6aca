import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const page = new URL("guarantees.md", import.meta.url);
const rowsOf = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("|") && !/^\|( sink| what|---)/.test(line));
const [promises = "", runs = ""] = readFileSync(page, "utf8").split("## What was run for it");
const rows = rowsOf(promises);

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

test("every run that is told of can be made again, and its figures stand in a report", () => {
  const told = rowsOf(runs);
  assert.ok(told.length >= 5);
  for (const row of told) {
    const script = /`node (\S+\.ts)/.exec(row)?.[1] ?? (/`npm run (\w+)/.exec(row) === null ? undefined : "package.json");
    assert.ok(script !== undefined && existsSync(new URL(`../${script}`, page)), row);
    const report = /\]\(([^)]+REPORT\.md)\)/.exec(row)?.[1];
    assert.ok(report !== undefined ? existsSync(new URL(report, page)) : row.includes("| the same |"), row);
  }
});
