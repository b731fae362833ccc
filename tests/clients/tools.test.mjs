import assert from "node:assert/strict";
import { test } from "node:test";
import { client, question, toolModel, weather, weatherQuestion } from "./fleet.mjs";

const ask = (extra = {}) => question({ model: toolModel, messages: [weatherQuestion], tools: [weather], ...extra });

test("a tool is called, and its result is answered", async () => {
  const asked = await client().chat.completions.create(ask());
  const [choice] = asked.choices;
  assert.equal(choice.finish_reason, "tool_calls");
  assert.equal(choice.message.tool_calls.length, 1);
  const [call] = choice.message.tool_calls;
  assert.match(call.id, /^call_/);
  assert.equal(call.type, "function");
  assert.equal(call.function.name, "get_weather");
  assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });

  const messages = [weatherQuestion, choice.message, { role: "tool", tool_call_id: call.id, content: '{"weather": "sunny", "degrees": 21}' }];
  const answered = await client().chat.completions.create(ask({ messages }));
  assert.equal(answered.choices[0].finish_reason, "stop");
  assert.ok(answered.choices[0].message.content.length > 0);
});

test("a streamed tool call assembles to the same call", async () => {
  const whole = (await client().chat.completions.create(ask())).choices[0].message.tool_calls[0].function;
  const final = await client().chat.completions.stream(ask()).finalChatCompletion();
  const [call] = final.choices[0].message.tool_calls;
  assert.equal(final.choices[0].finish_reason, "tool_calls");
  assert.equal(call.function.name, whole.name);
  assert.equal(call.function.arguments, whole.arguments);
});

test("the runTools helper calls our function and returns the last answer", async () => {
  const cities = [];
  const runner = client().chat.completions.runTools({
    ...ask(),
    tools: [{
      type: "function",
      function: {
        ...weather.function,
        parse: JSON.parse,
        function: ({ city }) => {
          cities.push(city);
          return '{"weather": "sunny", "degrees": 21}';
        },
      },
    }],
  });
  assert.ok((await runner.finalContent()).length > 0);
  assert.deepEqual(cities, ["Paris"]);
});

test("tool_choice none answers in words", async () => {
  const answer = await client().chat.completions.create(ask({ tool_choice: "none" }));
  assert.equal(answer.choices[0].message.tool_calls, undefined);
  assert.equal(typeof answer.choices[0].message.content, "string");
});
