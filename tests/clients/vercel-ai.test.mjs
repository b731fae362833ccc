// The Vercel AI SDK over @ai-sdk/openai-compatible, unmodified.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { apiKey, baseURL, emptyKey, model, toolModel } from "./fleet.mjs";

const flotilla = (key = apiKey) => createOpenAICompatible({ name: "flotilla", baseURL, apiKey: key, includeUsage: true });
const prompt = "What is Flotilla?";
const settings = { temperature: 0, seed: 7, maxOutputTokens: 48, maxRetries: 0 };

test("text is generated, with its usage and the finish reason", async () => {
  const answer = await generateText({ model: flotilla()(model), prompt, ...settings });
  assert.ok(answer.text.length > 0);
  assert.equal(answer.finishReason, "stop");
  assert.ok(answer.usage.inputTokens > 0 && answer.usage.outputTokens > 0);
  assert.match(answer.response.headers["x-flotilla-job-id"], /^job_/);
});

test("a stream has the same text, piece by piece, and ends with usage", async () => {
  const whole = await generateText({ model: flotilla()(model), prompt, ...settings });
  const stream = streamText({ model: flotilla()(model), prompt, ...settings });
  const pieces = [];
  for await (const piece of stream.textStream) pieces.push(piece);
  assert.ok(pieces.length > 3);
  assert.equal(pieces.join(""), whole.text);
  assert.deepEqual((await stream.usage).outputTokens, whole.usage.outputTokens);
});

test("a tool is run, and its result is answered in a second step", async () => {
  const cities = [];
  const weather = tool({
    description: "Get the weather in a city",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      cities.push(city);
      return { weather: "sunny", degrees: 21 };
    },
  });
  const answer = await generateText({ model: flotilla()(toolModel), prompt: "What is the weather in Paris?", tools: { get_weather: weather }, stopWhen: stepCountIs(3), ...settings });
  assert.deepEqual(cities, ["Paris"]);
  assert.equal(answer.steps.length, 2);
  assert.equal(answer.steps[0].finishReason, "tool-calls");
  assert.ok(answer.text.length > 0);
});

test("a streamed tool call arrives whole", async () => {
  const weather = tool({ description: "Get the weather in a city", inputSchema: z.object({ city: z.string() }) });
  const stream = streamText({ model: flotilla()(toolModel), prompt: "What is the weather in Paris?", tools: { get_weather: weather }, ...settings });
  const calls = await stream.toolCalls;
  assert.deepEqual(calls.map((call) => [call.toolName, call.input]), [["get_weather", { city: "Paris" }]]);
});

test("errors are typed, with status and the envelope's message", async () => {
  const refused = async (key, id) => {
    try {
      await generateText({ model: flotilla(key)(id), prompt, ...settings });
    } catch (error) {
      assert.ok(APICallError.isInstance(error), error);
      return error;
    }
    assert.fail("the request was served");
  };
  assert.equal((await refused("sk-flt-wrong", model)).statusCode, 401);
  const unknown = await refused(apiKey, "no-such-model");
  assert.equal(unknown.statusCode, 404);
  assert.match(unknown.message, /no-such-model/);
  const empty = await refused(emptyKey, model);
  assert.equal(empty.statusCode, 402);
  assert.equal(empty.isRetryable, false);
});
