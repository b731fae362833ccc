import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model, question } from "./fleet.mjs";

test("a whole answer has every field that the SDK's types promise", async () => {
  const { data: answer, response, request_id: requestId } = await client().chat.completions.create(question()).withResponse();
  assert.match(answer.id, /^chatcmpl-/);
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.model, model);
  assert.ok(Math.abs(answer.created - Date.now() / 1000) < 300);
  assert.equal(answer.choices.length, 1);
  const [choice] = answer.choices;
  assert.equal(choice.index, 0);
  assert.equal(choice.message.role, "assistant");
  assert.ok(choice.message.content.length > 0);
  assert.equal(choice.message.refusal, null);
  assert.equal(choice.logprobs, null);
  assert.ok(["stop", "length"].includes(choice.finish_reason));
  assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.match(requestId, /^req_/);
  assert.equal(answer._request_id, requestId);
  assert.match(response.headers.get("content-type"), /^application\/json/);
  assert.match(response.headers.get("openai-processing-ms"), /^\d+$/);
  assert.match(response.headers.get("x-flotilla-job-id"), /^job_/);
  assert.ok(response.headers.get("x-flotilla-tx-signature"));
  assert.ok(response.headers.get("x-flotilla-settlement-tx"));
});

test("the same seed gives the same answer", async () => {
  const ask = async () => (await client().chat.completions.create(question({ temperature: 1, seed: 11 }))).choices[0].message.content;
  assert.equal(await ask(), await ask());
});

test("n gives that many choices, each with its index", async () => {
  const answer = await client().chat.completions.create(question({ n: 3, temperature: 1, max_completion_tokens: 8 }));
  assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1, 2]);
  for (const choice of answer.choices) assert.equal(typeof choice.message.content, "string");
});

test("logprobs come with the alternatives asked for", async () => {
  const answer = await client().chat.completions.create(question({ logprobs: true, top_logprobs: 3, max_completion_tokens: 6 }));
  const tokens = answer.choices[0].logprobs.content;
  assert.ok(tokens.length > 0);
  for (const token of tokens) {
    assert.equal(typeof token.token, "string");
    assert.ok(token.logprob <= 0);
    assert.ok(Array.isArray(token.bytes) || token.bytes === null);
    assert.equal(token.top_logprobs.length, 3);
    const sorted = token.top_logprobs.map((top) => top.logprob).toSorted((a, b) => b - a);
    assert.deepEqual(token.top_logprobs.map((top) => top.logprob), sorted);
  }
  assert.equal(tokens.map((token) => token.token).join("").trim(), answer.choices[0].message.content.trim());
});

test("max_completion_tokens ends an answer with finish_reason length", async () => {
  const answer = await client().chat.completions.create(question({ max_completion_tokens: 2 }));
  assert.equal(answer.choices[0].finish_reason, "length");
  assert.equal(answer.usage.completion_tokens, 2);
});

test("a stop text ends the answer before it", async () => {
  const whole = (await client().chat.completions.create(question())).choices[0].message.content;
  const stop = whole.slice(4, 9);
  const answer = await client().chat.completions.create(question({ stop: [stop] }));
  assert.equal(answer.choices[0].message.content, whole.slice(0, whole.indexOf(stop)));
  assert.equal(answer.choices[0].finish_reason, "stop");
});

test("the old completions endpoint answers with text", async () => {
  const answer = await client().completions.create({ model, prompt: "Flotilla is", max_tokens: 8, temperature: 0 });
  assert.match(answer.id, /^cmpl-/);
  assert.equal(answer.object, "text_completion");
  assert.equal(typeof answer.choices[0].text, "string");
  assert.ok(answer.usage.completion_tokens <= 8);
});

test("text parts are lines of one message, and metadata is accepted", async () => {
  const parts = [{ type: "text", text: "Hello." }, { type: "text", text: "What is Flotilla?" }];
  const inParts = await client().chat.completions.create(question({ messages: [{ role: "user", content: parts }], metadata: { team: "docs" }, user: "ann" }));
  const inLines = await client().chat.completions.create(question({ messages: [{ role: "user", content: "Hello.\nWhat is Flotilla?" }] }));
  assert.equal(inParts.choices[0].message.content, inLines.choices[0].message.content);
});
