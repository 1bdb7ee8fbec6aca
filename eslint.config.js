import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import typescript from "typescript-eslint";

const tests = ["**/*.test.ts", "**/test-*.ts", "**/test-*/**", "**/fixture/**", "contract-tests/**", "regression/**", "bench/**", "docs/tour/**"];

/** The environment is read at one place, which hands settings to everything else. */
const environmentRead = {
  "no-restricted-properties": ["error", { object: "process", property: "env", message: "Only caudal/ reads the environment; take a setting." }],
  "no-restricted-imports": ["error", { paths: [{ name: "node:process", importNames: ["env"], message: "Only caudal/ reads the environment; take a setting." }] }],
};

export default defineConfig(
  globalIgnores(["**/node_modules/", ".node/", ".turbo/", "data/", "examples/data/", "**/generated/"]),
  js.configs.recommended,
  {
    rules: {
      "no-console": "error",
      "max-params": ["error", 4],
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 120, skipBlankLines: true, skipComments: true }],
      // Readings carry control characters; the code that refuses them has to name them.
      "no-control-regex": "off",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "prefer-const": "error",
      "no-var": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only; a configuration file may have a default." },
      ],
    },
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [typescript.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] }] }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { arguments: false, attributes: false } }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/only-throw-error": "error",
      ...environmentRead,
    },
  },
  {
    files: ["scripts/**/*.js", "**/*.cjs", "**/*.config.js"],
    languageOptions: { globals: { process: "readonly", Buffer: "readonly", console: "readonly", performance: "readonly", URL: "readonly", setInterval: "readonly", clearInterval: "readonly", setTimeout: "readonly", clearTimeout: "readonly", module: "writable", require: "readonly" } },
  },
  { files: ["**/*.config.js", "**/*.config.ts"], rules: { "no-restricted-syntax": "off" } },
  { files: ["caudal/**", "tools/**", ...tests], rules: { "no-restricted-properties": "off", "no-restricted-imports": "off" } },
  { files: ["caudal/**", "scripts/**", "tools/**", ...tests], rules: { "no-console": "off" } },
  { files: tests, rules: { "max-lines-per-function": "off", "max-params": "off", "no-loss-of-precision": "off" } },
);
