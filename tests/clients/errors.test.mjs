import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { baseURL, client, emptyKey, model, question } from "./fleet.mjs";

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("the request was served");
}

test("a wrong key is an AuthenticationError", async () => {
  const error = await refusal(client({ apiKey: "sk-flt-wrong" }).chat.completions.create(question()));
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.status, 401);
  assert.equal(error.code, "invalid_api_key");
  assert.match(error.requestID, /^req_/);
  assert.ok(!error.message.includes("sk-flt-wrong"), "a key must not be echoed");
});

test("an unknown model is a NotFoundError", async () => {
  const error = await refusal(client().chat.completions.create(question({ model: "no-such-model" })));
  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.equal(error.code, "model_not_found");
  assert.match(error.message, /no-such-model/);
  assert.ok((await refusal(client().models.retrieve("no-such-model"))) instanceof OpenAI.NotFoundError);
});

test("a wrong value is a BadRequestError that names the field", async () => {
  const error = await refusal(client().chat.completions.create(question({ temperature: 9 })));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.type, "invalid_request_error");
  assert.equal(error.param, "temperature");
});

test("a field that is not served yet is a BadRequestError that names it", async () => {
  const error = await refusal(client().chat.completions.create(question({ audio: { voice: "alloy", format: "mp3" }, modalities: ["text", "audio"] })));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.ok(["audio", "modalities"].includes(error.param));
});

test("a prompt longer than the context is a BadRequestError with its own code", async () => {
  const content = "word ".repeat(200_000);
  const error = await refusal(client().chat.completions.create(question({ messages: [{ role: "user", content }] })));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.code, "context_length_exceeded");
});

test("empty credits are an APIError with status 402, which the SDK does not retry", async () => {
  let requests = 0;
  const fetch = (...args) => {
    requests++;
    return globalThis.fetch(...args);
  };
  const error = await refusal(client({ apiKey: emptyKey, maxRetries: 2, fetch }).chat.completions.create(question()));
  assert.ok(error instanceof OpenAI.APIError);
  assert.equal(error.status, 402);
  assert.equal(error.code, "insufficient_credits");
  assert.equal(requests, 1);
});

test("a streamed request is refused in the same way, before any chunk", async () => {
  const error = await refusal(client().chat.completions.create(question({ model: "no-such-model", stream: true })));
  assert.ok(error instanceof OpenAI.NotFoundError);
});

test("an unknown path is a NotFoundError", async () => {
  const error = await refusal(client().get("/no/such/path"));
  assert.ok(error instanceof OpenAI.NotFoundError);
});

test("every error body has exactly OpenAI's four keys, or those and retry_after", async () => {
  for (const [headers, body] of [[{}, "{}"], [{ authorization: "Bearer sk-flt-wrong" }, "{}"], [{ authorization: `Bearer ${process.env.FLOTILLA_API_KEY}` }, "not json"]]) {
    const response = await fetch(`${baseURL}/chat/completions`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    const { error } = await response.json();
    assert.deepEqual(Object.keys(error).filter((key) => key !== "retry_after").toSorted(), ["code", "message", "param", "type"]);
  }
  assert.ok(model);
});
