import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { apiKey, baseURL } from "./fleet.mjs";

const here = dirname(fileURLToPath(import.meta.url));

test("the README's TypeScript sample runs as it is printed", async () => {
  const readme = await readFile(`${here}/../../README.md`, "utf8");
  const [, sample] = readme.match(/```ts\n(.*?)```/s);
  const code = sample.replaceAll("http://127.0.0.1:8080/v1", baseURL).replaceAll("sk-flt-…", apiKey);
  assert.notEqual(code, sample, "the sample names the base URL and a key");
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], { cwd: here, timeout: 60_000 });
  assert.ok(stdout.trim().length > 10, `it printed '${stdout}'`);
});
