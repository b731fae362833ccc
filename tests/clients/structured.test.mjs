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

const person = {
  type: "object",
  properties: { name: { type: "string", maxLength: 20 }, age: { type: "integer", minimum: 18, maximum: 99 }, mood: { enum: ["good", "bad"] } },
  required: ["name", "age", "mood"],
  additionalProperties: false,
};
const form = (schema, strict = true) => ({ type: "json_schema", json_schema: { name: "answer", strict, schema } });
const long = (extra) => question({ max_completion_tokens: 200, ...extra });

test("the engine keeps whatever its model says to a strict schema", async () => {
  for (const temperature of [0, 1, 2]) {
    const answer = await client().chat.completions.parse(long({ temperature, response_format: form(person) }));
    const value = JSON.parse(answer.choices[0].message.content);
    assert.deepEqual(Object.keys(value), ["name", "age", "mood"]);
    assert.ok(Number.isInteger(value.age) && value.age >= 18 && value.age <= 99);
    assert.ok(["good", "bad"].includes(value.mood));
  }
});

test("json_object is an object, streamed too", async () => {
  const stream = client().chat.completions.stream(long({ response_format: { type: "json_object" } }));
  const answer = await stream.finalChatCompletion();
  if (answer.choices[0].finish_reason === "stop") assert.equal(typeof JSON.parse(answer.choices[0].message.content), "object");
  else assert.match(answer.choices[0].message.content, /^\s*\{/);
});

test("what answers cannot be held to is a 400 that names it, unless any object will do", async () => {
  const schema = { type: "object", properties: { even: { type: "integer", multipleOf: 2 } }, required: ["even"], additionalProperties: false };
  const error = await client().chat.completions.create(long({ response_format: form(schema) })).catch((e) => e);
  assert.equal(error.status, 400);
  assert.equal(error.param, "response_format");
  assert.match(error.message, /#\/properties\/even.*'multipleOf'/);
  const loose = await client().chat.completions.create(long({ response_format: form(schema, false) }));
  assert.match(loose.choices[0].message.content, /^\s*\{/);
});

test("the engine makes the call that is demanded, with arguments of its schema", async () => {
  const tool = { type: "function", function: { name: "book_seat", strict: true, parameters: { type: "object", properties: { row: { type: "integer", minimum: 1, maximum: 30 } }, required: ["row"], additionalProperties: false } } };
  const named = { type: "function", function: { name: "book_seat" } };
  for (const extra of [{ tool_choice: "required", parallel_tool_calls: false }, { tool_choice: named, parallel_tool_calls: false, temperature: 2 }]) {
    const answer = await client().chat.completions.create(long({ tools: [weather, tool], ...extra }));
    const [choice] = answer.choices;
    assert.equal(choice.finish_reason, "tool_calls");
    assert.equal(choice.message.tool_calls.length, 1);
    const call = choice.message.tool_calls[0].function;
    if (extra.tool_choice === named) assert.equal(call.name, "book_seat");
    const values = JSON.parse(call.arguments);
    if (call.name === "book_seat") assert.ok(values.row >= 1 && values.row <= 30);
    else assert.equal(typeof values.city, "string");
  }
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
