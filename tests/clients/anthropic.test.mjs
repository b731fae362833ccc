import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { apiKey, baseURL, emptyKey, model, toolModel, weather, weatherQuestion } from "./fleet.mjs";

// The SDK adds /v1 itself.
const client = (options = {}) => new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ""), apiKey, maxRetries: 0, ...options });
const ask = (extra = {}) => ({ model, max_tokens: 48, temperature: 0, messages: [{ role: "user", content: "What is Flotilla?" }], ...extra });
const tool = { name: weather.function.name, description: weather.function.description, input_schema: weather.function.parameters };

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("the request was served");
}

test("a message is answered", async () => {
  const message = await client().messages.create(ask({ system: "Be brief." }));
  assert.equal(message.type, "message");
  assert.equal(message.role, "assistant");
  assert.ok(message.content[0].text.length > 0);
  assert.ok(["end_turn", "max_tokens"].includes(message.stop_reason));
  assert.ok(message.usage.input_tokens + message.usage.cache_read_input_tokens > 0);
  assert.ok(message.usage.output_tokens > 0);
  assert.match(message._request_id, /^req_/);
});

test("a stream adds up to the same message", async () => {
  const whole = await client().messages.create(ask());
  const stream = client().messages.stream(ask());
  let text = "";
  stream.on("text", (delta) => (text += delta));
  const message = await stream.finalMessage();
  assert.equal(text, whole.content[0].text);
  assert.deepEqual(message.content, whole.content);
  assert.equal(message.stop_reason, whole.stop_reason);
  assert.equal(message.usage.output_tokens, whole.usage.output_tokens);
});

test("events come in Anthropic's order", async () => {
  const types = [];
  for await (const event of await client().messages.create(ask({ stream: true }))) if (event.type !== types.at(-1)) types.push(event.type);
  // The SDK keeps pings to itself.
  assert.deepEqual(types, ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
});

for (const streamed of [false, true]) {
  test(`a tool is called and its result is answered${streamed ? ", streamed" : ""}`, async () => {
    const send = (body) => (streamed ? client().messages.stream(body).finalMessage() : client().messages.create(body));
    const asked = await send(ask({ model: toolModel, messages: [weatherQuestion], tools: [tool] }));
    assert.equal(asked.stop_reason, "tool_use");
    const use = asked.content.find((block) => block.type === "tool_use");
    assert.equal(use.name, "get_weather");
    assert.deepEqual(use.input, { city: "Paris" });
    const messages = [
      weatherQuestion,
      { role: "assistant", content: asked.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "sunny, 21 degrees" }] },
    ];
    const answered = await send(ask({ model: toolModel, messages, tools: [tool] }));
    assert.equal(answered.stop_reason, "end_turn");
    assert.ok(answered.content[0].text.length > 0);
  });
}

test("a count is what the message itself is charged for", async () => {
  const body = { model, system: "Be brief.", messages: [{ role: "user", content: "What is Flotilla?" }] };
  const counted = await client().messages.countTokens(body);
  const message = await client().messages.create({ ...body, max_tokens: 1 });
  assert.equal(counted.input_tokens, message.usage.input_tokens + message.usage.cache_read_input_tokens);
  assert.equal((await client({ apiKey: emptyKey }).messages.countTokens(body)).input_tokens, counted.input_tokens);
});

for (const streamed of [false, true]) {
  test(`a stop sequence is named${streamed ? ", streamed" : ""}`, async () => {
    const send = (body) => (streamed ? client().messages.stream(body).finalMessage() : client().messages.create(body));
    const whole = await send(ask());
    const stop = whole.content[0].text.slice(8, 12);
    const cut = await send(ask({ stop_sequences: ["\u0001", stop] }));
    assert.equal(cut.stop_reason, "stop_sequence");
    assert.equal(cut.stop_sequence, stop);
    assert.equal(whole.content[0].text.indexOf(stop), cut.content[0]?.text.length ?? 0);
  });
}

test("thinking may be wished for, whatever the model", async () => {
  for (const thinking of [{ type: "enabled", budget_tokens: 1024 }, { type: "disabled" }, { type: "adaptive" }]) {
    const message = await client().messages.create(ask({ max_tokens: 1100, stop_sequences: ["."], thinking }));
    assert.ok(message.content.length > 0);
  }
});

test("errors are the SDK's own classes", async () => {
  assert.ok((await refusal(client({ apiKey: "sk-flt-wrong" }).messages.create(ask()))) instanceof Anthropic.AuthenticationError);
  assert.ok((await refusal(client().messages.create(ask({ model: "no-such-model" })))) instanceof Anthropic.NotFoundError);
  assert.ok((await refusal(client().messages.create(ask({ model: "no-such-model", stream: true })))) instanceof Anthropic.NotFoundError);
  const bad = await refusal(client().messages.create(ask({ temperature: 7 })));
  assert.ok(bad instanceof Anthropic.BadRequestError);
  assert.equal(bad.error.type, "error");
  assert.equal(bad.error.error.type, "invalid_request_error");
  assert.match(bad.message, /temperature/);
  const poor = await refusal(client({ apiKey: emptyKey }).messages.create(ask()));
  assert.equal(poor.status, 402);
  assert.equal(poor.error.error.type, "billing_error");
});
