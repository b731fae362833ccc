import assert from "node:assert/strict";
import { test } from "node:test";
import { client, question, toolModel, weather, weatherQuestion } from "./fleet.mjs";

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const place = (strict) => ({ type: "json_schema", json_schema: { name: "place", strict, schema } });
const ask = (extra = {}) => question({ model: toolModel, ...extra });

test("a strict JSON schema is kept to by a model that can", async () => {
  const answer = await client().chat.completions.parse(ask({ response_format: place(true) }));
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), { city: "Paris" });
});

test("where no model can, a strict schema is a 400 that names the field", async () => {
  const error = await client().chat.completions.create(question({ response_format: place(true) })).catch((e) => e);
  assert.equal(error.status, 400);
  assert.equal(error.param, "response_format");
});

test("a tool can be demanded by name, and a demand that a model does not meet is an error", async () => {
  const forced = await client().chat.completions.create(ask({ messages: [weatherQuestion], tools: [weather], tool_choice: { type: "function", function: { name: "get_weather" } } }));
  assert.equal(forced.choices[0].message.tool_calls[0].function.name, "get_weather");
  const stubborn = { role: "tool", tool_call_id: "call_1", content: "sunny" };
  const call = { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: "{}" } }] };
  const error = await client().chat.completions.create(ask({ messages: [weatherQuestion, call, stubborn], tools: [weather], tool_choice: "required" })).catch((e) => e);
  assert.equal(error.status, 400);
  assert.equal(error.code, "tool_choice_not_honored");
});

test("functions, the form before tools, are answered in that form", async () => {
  const answer = await client().chat.completions.create(ask({ messages: [weatherQuestion], functions: [weather.function] }));
  assert.equal(answer.choices[0].finish_reason, "function_call");
  assert.deepEqual(JSON.parse(answer.choices[0].message.function_call.arguments), { city: "Paris" });
});
