import assert from "node:assert/strict";
import { test } from "node:test";
import { client, question } from "./fleet.mjs";

test("a prompt that begins like an earlier one is counted as cached, and answered the same", async () => {
  const long = `Session ${Math.random()}. ${"You are a helpful assistant. ".repeat(20)}`;
  const ask = () => client().chat.completions.create(question({ messages: [{ role: "system", content: long }, { role: "user", content: "What is Flotilla?" }] }));
  const first = await ask();
  const second = await ask();
  assert.equal(second.choices[0].message.content, first.choices[0].message.content);
  assert.equal(first.usage.prompt_tokens_details.cached_tokens % 16, 0);
  const { prompt_tokens, prompt_tokens_details } = second.usage;
  assert.ok(prompt_tokens_details.cached_tokens > prompt_tokens - 17 && prompt_tokens_details.cached_tokens < prompt_tokens, JSON.stringify(second.usage));
});
