// Moderations with the openai package, and reranking, which it has no method for: with its own request, and as Cohere's clients post it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKey, baseURL, client, readerModel } from "./fleet.mjs";

const documents = ["It rains in Paris.", "A boat sails.", "What is the weather like in Paris?"];
const rerank = { model: readerModel, query: "What is the weather in Paris?", documents, top_n: 2 };

test("each text is classified by itself, in all thirteen categories", async () => {
  const answer = await client().moderations.create({ model: readerModel, input: ["Good morning", "I will kill you"] });
  assert.match(answer.id, /^modr-/);
  assert.deepEqual(answer.results.map((r) => r.flagged), [false, true]);
  const [, violent] = answer.results;
  assert.equal(Object.keys(violent.categories).length, 13);
  assert.equal(violent.categories.violence, true);
  assert.equal(violent.categories.hate, false);
  assert.ok(violent.category_scores.violence > 0.5);
  assert.deepEqual(violent.category_applied_input_types.violence, ["text"]);
});

test("parts of text are one input", async () => {
  const answer = await client().moderations.create({ model: readerModel, input: [{ type: "text", text: "I will" }, { type: "text", text: "kill you" }] });
  assert.deepEqual(answer.results.map((r) => r.flagged), [true]);
});

test("what a model cannot classify is refused by name", async () => {
  await assert.rejects(
    client().moderations.create({ model: readerModel, input: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] }),
    (error) => error.status === 400 && error.param.startsWith("input[0]"),
  );
  await assert.rejects(client().moderations.create({ model: readerModel, input: "" }), (error) => error.status === 400 && error.param === "input");
});

test("documents come in the order of their relevance", async () => {
  const answer = await client().post("/rerank", { body: { ...rerank, return_documents: true } });
  assert.deepEqual(answer.results.map((r) => r.index), [2, 0]);
  assert.equal(answer.results[0].document.text, documents[2]);
  assert.ok(answer.results[0].relevance_score > answer.results[1].relevance_score);
  assert.ok(answer.usage.total_tokens > 0);
});

test("a client of Cohere's reads the same over fetch", async () => {
  const response = await fetch(`${baseURL}/rerank`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    // Documents may be objects that hold a text.
    body: JSON.stringify({ ...rerank, documents: documents.map((text) => ({ text })) }),
  });
  assert.equal(response.status, 200);
  const answer = await response.json();
  assert.ok(answer.id.length > 0);
  assert.deepEqual(answer.results.map((r) => r.index), [2, 0]);
  for (const result of answer.results) assert.equal(typeof result.relevance_score, "number");
});

test("a reranking without documents is refused by name", async () => {
  await assert.rejects(client().post("/rerank", { body: { ...rerank, documents: [] } }), (error) => error.status === 400 && error.param === "documents");
});
