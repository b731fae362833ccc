import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model, toolModel, weather } from "./fleet.mjs";

const ask = (extra = {}) => ({ model, temperature: 0, max_output_tokens: 48, input: "What is Flotilla?", ...extra });
const tool = { type: "function", strict: false, ...weather.function };
const question = "What is the weather in Paris?";

test("a response is answered", async () => {
  const response = await client().responses.create(ask({ instructions: "Be brief." }));
  assert.equal(response.object, "response");
  assert.ok(["completed", "incomplete"].includes(response.status));
  assert.ok(response.output_text.length > 0);
  assert.ok(response.usage.output_tokens > 0);
  assert.equal(response.instructions, "Be brief.");
});

test("a stream adds up to the same response", async () => {
  const whole = await client().responses.create(ask());
  let text = "";
  let numbers = 0;
  const stream = client().responses.stream(ask());
  for await (const event of stream) {
    assert.equal(event.sequence_number, numbers++);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  const final = await stream.finalResponse();
  assert.equal(text, whole.output_text);
  assert.equal(final.output_text, whole.output_text);
  assert.deepEqual(final.usage, whole.usage);
});

for (const streamed of [false, true]) {
  test(`a function is called and its output is answered${streamed ? ", streamed" : ""}`, async () => {
    const send = (body) => (streamed ? client().responses.stream(body).finalResponse() : client().responses.create(body));
    const asked = await send(ask({ model: toolModel, input: question, tools: [tool] }));
    const call = asked.output.find((item) => item.type === "function_call");
    assert.equal(call.name, "get_weather");
    assert.deepEqual(JSON.parse(call.arguments), { city: "Paris" });
    const input = [{ role: "user", content: question }, ...asked.output, { type: "function_call_output", call_id: call.call_id, output: "sunny" }];
    const answered = await send(ask({ model: toolModel, input, tools: [tool] }));
    assert.ok(answered.output_text.length > 0);
  });
}

test("a JSON schema is kept to", async () => {
  const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
  const response = await client().responses.parse(ask({ model: toolModel, text: { format: { type: "json_schema", name: "place", strict: true, schema } } }));
  assert.deepEqual(JSON.parse(response.output_text), { city: "Paris" });
  const short = { ...schema, properties: { city: { type: "string", maxLength: 8 } } };
  const held = await client().responses.create(ask({ max_output_tokens: 100, text: { format: { type: "json_schema", name: "place", strict: true, schema: short } } }));
  assert.deepEqual(Object.keys(JSON.parse(held.output_text)), ["city"]);
});

test("errors name the field", async () => {
  const error = await client().responses.create(ask({ conversation: "conv_1" })).catch((e) => e);
  assert.equal(error.status, 400);
  assert.equal(error.param, "conversation");
});

test("a response is kept, continued and forgotten", async () => {
  const first = await client().responses.create(ask({ model: toolModel, input: question, tools: [tool] }));
  assert.deepEqual((await client().responses.retrieve(first.id)).output, first.output);
  const items = await client().responses.inputItems.list(first.id);
  assert.equal(items.data[0].content[0].text, question);
  const call = first.output.find((item) => item.type === "function_call");
  const input = [{ type: "function_call_output", call_id: call.call_id, output: "sunny" }];
  const second = await client().responses.create(ask({ model: toolModel, previous_response_id: first.id, input, tools: [tool] }));
  assert.equal(second.output_text, "It is sunny.");
  assert.equal(second.previous_response_id, first.id);
  await client().responses.delete(first.id);
  assert.equal((await client().responses.retrieve(first.id).catch((e) => e)).status, 404);
});

test("an item of an earlier response is named instead of sent", async () => {
  const first = await client().responses.create(ask({ model: toolModel, input: question, tools: [tool] }));
  const call = first.output.find((item) => item.type === "function_call");
  const input = [
    { role: "user", content: question },
    { type: "item_reference", id: call.id },
    { type: "function_call_output", call_id: call.call_id, output: "sunny" },
  ];
  const second = await client().responses.create(ask({ model: toolModel, input, tools: [tool] }));
  assert.equal(second.output_text, "It is sunny.");
  const error = await client().responses.create(ask({ input: [{ type: "item_reference", id: "msg_none" }] })).catch((e) => e);
  assert.equal(error.param, "input[0].id");
});

test("an input is counted as the response itself is", async () => {
  const counted = await client().responses.inputTokens.count({ model, input: "What is Flotilla?", instructions: "Be brief." });
  assert.equal(counted.object, "response.input_tokens");
  const response = await client().responses.create(ask({ instructions: "Be brief." }));
  assert.equal(counted.input_tokens, response.usage.input_tokens);
});

test("log probabilities are included where they are asked for", async () => {
  const response = await client().responses.create(ask({ include: ["message.output_text.logprobs"], top_logprobs: 2 }));
  const part = response.output.find((item) => item.type === "message").content[0];
  assert.ok(part.logprobs.length > 0);
  assert.ok(part.logprobs.every((token) => token.logprob <= 0 && token.top_logprobs.length === 2));
  assert.ok(part.logprobs.map((token) => token.token).join("").includes(response.output_text.trim().slice(0, 8)));
});

test("a response in the background is polled until it is done", async () => {
  let response = await client().responses.create(ask({ background: true }));
  const { id } = response;
  assert.ok(["queued", "in_progress"].includes(response.status));
  while (["queued", "in_progress"].includes(response.status)) response = await client().responses.retrieve(id);
  assert.ok(["completed", "incomplete"].includes(response.status));
  assert.ok(response.output_text.length > 0);
  assert.equal(response.id, id);
});
