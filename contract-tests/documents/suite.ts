import { suite } from "node:test";
import { findingTests } from "./finding.ts";
import type { DocumentsFactory } from "./harness.ts";
import { scopeTests } from "./scopes.ts";
import { writingTests } from "./writing.ts";

export type { DocumentsHarness } from "./harness.ts";

/** The executable meaning of the Documents port. */
export function documentsSuite(name: string, factory: DocumentsFactory): void {
  suite(`Documents on ${name}`, () => {
    writingTests(factory);
    scopeTests(factory);
    findingTests(factory);
  });
}
