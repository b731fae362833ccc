import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { apiKey, baseURL, client, model } from "./fleet.mjs";

/** A fetch whose first answer gets lost on its way, and what the gateway said to each try. */
function lossy() {
  const said = [];
  const fetching = async (url, init) => {
    const response = await fetch(url, init);
    const body = await response.clone().json();
    said.push({ id: body.id, job: response.headers.get("x-flotilla-job-id"), tries: new Headers(init.headers).get("x-stainless-retry-count") });
    if (said.length === 1) throw new TypeError("fetch failed");
    return response;
  };
  return { said, fetching };
}

// Others ask the same usual question at the same time; this one is asked once.
const messages = () => [{ role: "user", content: `What is Flotilla, number ${Math.random()}?` }];

test("what the SDK sends again by itself is the answer of the try before it", async () => {
  const { said, fetching } = lossy();
  const completion = await client({ maxRetries: 1, fetch: fetching }).chat.completions.create({ model, max_completion_tokens: 8, messages: messages() });
  assert.deepEqual(said.map((one) => one.tries), ["0", "1"]);
  assert.equal(completion.id, said[0].id);
  assert.equal(said[1].job, said[0].job);
});

test("so it is for Anthropic's", async () => {
  const { said, fetching } = lossy();
  const sdk = new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ""), apiKey, maxRetries: 1, fetch: fetching });
  const message = await sdk.messages.create({ model, max_tokens: 8, messages: messages() });
  assert.equal(message.id, said[0].id);
  assert.equal(said[1].job, said[0].job);
});
