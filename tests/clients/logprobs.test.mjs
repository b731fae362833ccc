import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model, question } from "./fleet.mjs";

const prompt = "Flotilla lets many people's machines answer";
const echoed = (extra = {}) => client().completions.create({ model, prompt, temperature: 0, max_tokens: 6, echo: true, logprobs: 2, ...extra });

test("a chat tells the log probabilities of its prompt", async () => {
  const answer = await client().chat.completions.create(question({ prompt_logprobs: 3, max_completion_tokens: 4 }));
  const told = answer.prompt_logprobs;
  assert.equal(told.length, answer.usage.prompt_tokens);
  assert.equal(told[0], null);
  for (const token of told.slice(1)) {
    const ranked = Object.values(token).toSorted((a, b) => a.rank - b.rank);
    assert.deepEqual(ranked.slice(0, 3).map((one) => one.rank), [1, 2, 3]);
    assert.ok(ranked.length <= 4 && ranked.every((one) => one.logprob <= 0 && typeof one.decoded_token === "string"));
    assert.deepEqual(ranked.map((one) => one.logprob), ranked.map((one) => one.logprob).toSorted((a, b) => b - a));
  }
});

test("what the fleet has computed of a prompt before does not take them away", async () => {
  const ask = () => client().chat.completions.create(question({ prompt_logprobs: 0, max_completion_tokens: 2 }));
  const [first, second] = [await ask(), await ask()];
  assert.deepEqual(second.prompt_logprobs, first.prompt_logprobs);
  assert.equal(second.usage.prompt_tokens_details.cached_tokens, 0);
});

test("echo with logprobs has the prompt's tokens before the answer's", async () => {
  const answer = await echoed();
  const [{ text, logprobs }] = answer.choices;
  assert.ok(text.startsWith(prompt) && text.length > prompt.length);
  assert.equal(logprobs.tokens.join(""), text);
  assert.equal(logprobs.tokens.length, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.deepEqual([logprobs.token_logprobs[0], logprobs.top_logprobs[0]], [null, null]);
  logprobs.tokens.forEach((token, index) => assert.ok(text.slice(logprobs.text_offset[index]).startsWith(token)));
  assert.ok(logprobs.token_logprobs.slice(1).every((value) => value <= 0));
  assert.ok(logprobs.top_logprobs.slice(1).every((top) => Object.keys(top).length === 2));
});

test("a prompt is scored alone, whole and streamed", async () => {
  const scored = await echoed({ max_tokens: 0 });
  const [{ text, logprobs, finish_reason }] = scored.choices;
  assert.deepEqual([text, finish_reason, scored.usage.completion_tokens], [prompt, "length", 0]);
  assert.equal(logprobs.tokens.join(""), prompt);
  assert.deepEqual(logprobs.token_logprobs, (await echoed()).choices[0].logprobs.token_logprobs.slice(0, logprobs.tokens.length));
  const chunks = [];
  for await (const chunk of await echoed({ max_tokens: 0, stream: true })) chunks.push(chunk);
  assert.equal(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join(""), prompt);
  assert.equal(chunks.findLast((chunk) => chunk.choices.length > 0).choices[0].finish_reason, "length");
  const silent = await client().completions.create({ model, prompt, max_tokens: 0 });
  assert.deepEqual([silent.choices[0].text, silent.usage.completion_tokens], ["", 0]);
});

test("a prompt of token ids is echoed as what it says, whole and streamed", async () => {
  // What evaluation programs send: their own tokens, and the log probabilities of all of them.
  const ids = Array.from({ length: 20 }, (_, index) => 300 + index * 3);
  for (const extra of [{ logprobs: 1 }, {}]) {
    const ask = { prompt: ids, max_tokens: 1, logprobs: undefined, ...extra };
    const { text, logprobs } = (await echoed(ask)).choices[0];
    assert.ok(text.length > 10);
    if (extra.logprobs) {
      assert.equal(logprobs.tokens.length, ids.length + 1);
      assert.ok(logprobs.token_logprobs.slice(1).every((value) => value <= 0));
    }
    let streamed = "";
    for await (const chunk of await echoed({ ...ask, stream: true })) streamed += chunk.choices[0]?.text ?? "";
    assert.equal(streamed, text);
  }
});

test("echo with logprobs streams the same", async () => {
  const whole = (await echoed()).choices[0];
  let text = "";
  const tokens = [];
  for await (const chunk of await echoed({ stream: true })) {
    text += chunk.choices[0]?.text ?? "";
    const part = chunk.choices[0]?.logprobs;
    part?.tokens.forEach((token, index) => tokens.push([token, part.token_logprobs[index], part.text_offset[index]]));
  }
  assert.equal(text, whole.text);
  assert.deepEqual(tokens, whole.logprobs.tokens.map((token, index) => [token, whole.logprobs.token_logprobs[index], whole.logprobs.text_offset[index]]));
});

test("a stream of a chat tells none, and says so", async () => {
  await assert.rejects(client().chat.completions.create(question({ prompt_logprobs: 1, stream: true })), (error) => error.status === 400 && error.param === "prompt_logprobs");
});
