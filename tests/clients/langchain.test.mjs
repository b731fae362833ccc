// LangChain.js over @langchain/openai, unmodified.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { apiKey, baseURL, model, toolModel } from "./fleet.mjs";

const chat = (fields = {}) => new ChatOpenAI({ model, apiKey, temperature: 0, maxTokens: 48, maxRetries: 0, configuration: { baseURL }, ...fields });
const weather = tool(async ({ city }) => `sunny in ${city}`, {
  name: "get_weather",
  description: "Get the weather in a city",
  schema: z.object({ city: z.string() }),
});

test("a message is answered, with usage", async () => {
  const answer = await chat().invoke("What is Flotilla?");
  assert.ok(answer.text.length > 0);
  assert.ok(answer.usage_metadata.input_tokens > 0 && answer.usage_metadata.output_tokens > 0);
  assert.equal(answer.response_metadata.finish_reason, "stop");
});

test("a stream has the same text as the whole answer", async () => {
  const whole = await chat().invoke("What is Flotilla?");
  const pieces = [];
  for await (const piece of await chat().stream("What is Flotilla?")) pieces.push(piece.text);
  assert.ok(pieces.length > 3);
  assert.equal(pieces.join(""), whole.text);
});

test("a batch of questions is answered in order", async () => {
  const answers = await chat().batch(["12 + 30", "copy: lamp"]);
  assert.equal(answers.length, 2);
  for (const answer of answers) assert.ok(answer.text.length > 0);
});

test("a tool is called, and its result is answered", async () => {
  const bound = chat({ model: toolModel }).bindTools([weather]);
  const question = new HumanMessage("What is the weather in Paris?");
  const asked = await bound.invoke([question]);
  assert.equal(asked.tool_calls.length, 1);
  const [call] = asked.tool_calls;
  assert.equal(call.name, "get_weather");
  assert.deepEqual(call.args, { city: "Paris" });
  const result = await weather.invoke(call);
  assert.ok(result instanceof ToolMessage);
  const answered = await bound.invoke([question, asked, result]);
  assert.ok(answered.text.length > 0);
});

test("a wrong key and an unknown model reject with their status", async () => {
  await assert.rejects(chat({ apiKey: "sk-flt-wrong" }).invoke("Hello"), (error) => error.status === 401);
  await assert.rejects(chat({ model: "no-such-model" }).invoke("Hello"), (error) => error.status === 404);
});
