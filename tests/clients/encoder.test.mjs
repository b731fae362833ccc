// Embeddings of an encoder, a model that reads texts and writes none, with the openai package.
import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model } from "./fleet.mjs";

const length = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

test("an encoder embeds texts, and alone or beside others a text has the same vector", async () => {
  const input = ["which number", "another number", "which number"];
  const answer = await client().embeddings.create({ model, input });
  assert.deepEqual(answer.data.map((d) => d.index), [0, 1, 2]);
  for (const { embedding } of answer.data) {
    assert.equal(embedding.length, 64);
    assert.ok(Math.abs(length(embedding) - 1) < 1e-4);
  }
  assert.deepEqual(answer.data[2].embedding, answer.data[0].embedding);
  assert.notDeepEqual(answer.data[1].embedding, answer.data[0].embedding);
  const alone = await client().embeddings.create({ model, input: input[0] });
  assert.deepEqual(alone.data[0].embedding, answer.data[0].embedding);
  assert.ok(alone.usage.prompt_tokens > 2);
});

test("a vector is shortened where the model was trained for it", async () => {
  const short = await client().embeddings.create({ model, input: "which number", dimensions: 32 });
  assert.equal(short.data[0].embedding.length, 32);
  assert.ok(Math.abs(length(short.data[0].embedding) - 1) < 1e-4);
  await assert.rejects(client().embeddings.create({ model, input: "a", dimensions: 33 }), (error) => error.status === 400 && error.param === "dimensions");
});

test("an encoder does not chat", async () => {
  await assert.rejects(client().chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] }), (error) => error.status === 400 && error.code === "model_not_for_endpoint");
});
