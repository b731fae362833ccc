import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model, question } from "./fleet.mjs";

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test("openai-node's streaming sample prints the whole answer", async () => {
  const stream = await client().chat.completions.create(question({ stream: true }));
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content || "";
  const whole = await client().chat.completions.create(question());
  assert.equal(text, whole.choices[0].message.content);
});

test("every chunk has a choice unless usage was asked for", async () => {
  const chunks = await collect(await client().chat.completions.create(question({ stream: true })));
  const [id] = new Set(chunks.map((chunk) => chunk.id));
  for (const chunk of chunks) {
    assert.equal(chunk.id, id);
    assert.equal(chunk.object, "chat.completion.chunk");
    assert.equal(chunk.model, model);
    assert.equal(chunk.choices.length, 1);
    assert.ok(!("usage" in chunk), "usage only on request");
  }
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  const last = chunks.at(-1).choices[0];
  assert.ok(["stop", "length"].includes(last.finish_reason));
  for (const chunk of chunks.slice(0, -1)) assert.equal(chunk.choices[0].finish_reason, null);
});

test("include_usage adds one last chunk with the usage and no choice", async () => {
  const chunks = await collect(await client().chat.completions.create(question({ stream: true, stream_options: { include_usage: true } })));
  const last = chunks.pop();
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + last.usage.completion_tokens);
  for (const chunk of chunks) assert.equal(chunk.usage, null);
  const whole = await client().chat.completions.create(question());
  assert.equal(last.usage.prompt_tokens, whole.usage.prompt_tokens);
  assert.equal(last.usage.completion_tokens, whole.usage.completion_tokens);
});

test("the .stream() helper assembles the same completion", async () => {
  const runner = client().chat.completions.stream(question());
  let heard = "";
  runner.on("content", (delta) => (heard += delta));
  const final = await runner.finalChatCompletion();
  const whole = await client().chat.completions.create(question());
  assert.equal(heard, whole.choices[0].message.content);
  assert.equal(final.choices[0].message.content, heard);
  assert.equal(final.choices[0].finish_reason, whole.choices[0].finish_reason);
});

test("n choices stream side by side", async () => {
  const chunks = await collect(await client().chat.completions.create(question({ stream: true, n: 2, temperature: 1, max_completion_tokens: 8 })));
  const finished = chunks.filter((chunk) => chunk.choices[0].finish_reason).map((chunk) => chunk.choices[0].index);
  assert.deepEqual(finished.toSorted(), [0, 1]);
});

test("logprobs stream with the tokens they belong to", async () => {
  const chunks = await collect(await client().chat.completions.create(question({ stream: true, logprobs: true, top_logprobs: 2, max_completion_tokens: 6 })));
  const tokens = chunks.flatMap((chunk) => chunk.choices[0].logprobs?.content ?? []);
  assert.ok(tokens.length > 0);
  for (const token of tokens) assert.equal(token.top_logprobs.length, 2);
});

test("an aborted stream ends at once, and the next request is served", async () => {
  const stream = await client().chat.completions.create(question({ stream: true, max_completion_tokens: 200 }));
  let seen = 0;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content && ++seen === 2) stream.controller.abort();
  }
  assert.equal(seen, 2);
  assert.ok((await client().chat.completions.create(question())).choices[0].message.content.length > 0);
});

test("breaking out of the loop ends the stream too", async () => {
  const stream = await client().chat.completions.create(question({ stream: true }));
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    break;
  }
  assert.ok(stream.controller.signal.aborted);
});

test("the old completions endpoint streams text", async () => {
  const stream = await client().completions.create({ model, prompt: "Flotilla is", max_tokens: 8, temperature: 0, stream: true });
  const chunks = await collect(stream);
  const whole = await client().completions.create({ model, prompt: "Flotilla is", max_tokens: 8, temperature: 0 });
  assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(""), whole.choices[0].text);
});
