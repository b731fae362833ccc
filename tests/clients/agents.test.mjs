import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import { client, model, toolModel } from "./fleet.mjs";

// The Agents SDK talks to /v1/responses, and in its other mode to /v1/chat/completions.
for (const useResponses of [true, false]) {
  const path = useResponses ? "responses" : "chat completions";
  const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient: client(), useResponses }), tracingDisabled: true });

  test(`an agent answers over ${path}`, async () => {
    const agent = new Agent({ name: "a", instructions: "Be brief.", model, modelSettings: { temperature: 0, maxTokens: 48 } });
    const result = await runner.run(agent, "What is Flotilla?");
    assert.ok(result.finalOutput.length > 0);
  });

  for (const stream of [false, true]) {
    test(`an agent calls our tool and answers with its result over ${path}${stream ? ", streamed" : ""}`, async () => {
      const cities = [];
      const weather = tool({
        name: "get_weather",
        description: "Get the weather in a city",
        strict: false,
        parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: true },
        execute: ({ city }) => {
          cities.push(city);
          return "sunny";
        },
      });
      const agent = new Agent({ name: "a", instructions: "Use the tool.", model: toolModel, tools: [weather] });
      const result = await runner.run(agent, "What is the weather in Paris?", { stream });
      if (stream) {
        let text = "";
        for await (const piece of result.toTextStream()) text += piece;
        await result.completed;
        assert.equal(text, result.finalOutput);
      }
      assert.deepEqual(cities, ["Paris"]);
      assert.ok(result.finalOutput.length > 0);
    });
  }
}
