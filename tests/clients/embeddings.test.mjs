// Embeddings with the openai package: it asks for base64 by itself, and decodes it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model } from "./fleet.mjs";

test("embeddings come as numbers, whatever travels", async () => {
  const given = await client().embeddings.create({ model, input: ["What is Flotilla?", "Add 2 and 3."] });
  const asked = await client().embeddings.create({ model, input: ["What is Flotilla?", "Add 2 and 3."], encoding_format: "float" });
  assert.equal(given.object, "list");
  assert.deepEqual(given.data.map((d) => d.index), [0, 1]);
  // A float32 in base64 and its shortest decimal are two doubles, and one float32.
  const floats = (answer) => answer.data.map((d) => Array.from(d.embedding, Math.fround));
  assert.deepEqual(floats(given), floats(asked));
  assert.ok(Math.abs(given.data[0].embedding.reduce((sum, v) => sum + v * v, 0) - 1) < 1e-4);
  assert.ok(given.usage.prompt_tokens > 0);
  assert.equal(given.usage.total_tokens, given.usage.prompt_tokens);
});

test("dimensions that the model cannot have are refused by name", async () => {
  await assert.rejects(client().embeddings.create({ model, input: "a", dimensions: 3 }), (error) => error.status === 400 && error.param === "dimensions");
});
