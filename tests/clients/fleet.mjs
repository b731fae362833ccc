// Where the gateway under test is. tests/Flotilla.Compatibility.Tests sets these; by hand:
//   FLOTILLA_BASE_URL=http://127.0.0.1:8080/v1 FLOTILLA_API_KEY=sk-flt-… FLOTILLA_EMPTY_KEY=sk-flt-… \
//   FLOTILLA_MODEL=flotilla-demo FLOTILLA_TOOL_MODEL=flotilla-demo FLOTILLA_READER_MODEL=… npm test
import OpenAI from "openai";

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see tests/clients/fleet.mjs`);
  return value;
}

export const baseURL = need("FLOTILLA_BASE_URL");
export const apiKey = need("FLOTILLA_API_KEY");
/** A key of a namespace without credits. */
export const emptyKey = need("FLOTILLA_EMPTY_KEY");
export const model = need("FLOTILLA_MODEL");
/** A model that calls the tool it is offered. */
export const toolModel = need("FLOTILLA_TOOL_MODEL");
/** A model that orders documents and classifies texts. */
export const readerModel = need("FLOTILLA_READER_MODEL");

/** A client that never retries, so that a test sees each answer; otherwise as the SDK makes it. */
export function client(options = {}) {
  return new OpenAI({ baseURL, apiKey, maxRetries: 0, ...options });
}

/** Greedy and short: the same question has the same answer, today and tomorrow. */
export function question(extra = {}) {
  return { model, temperature: 0, seed: 7, max_completion_tokens: 48, messages: [{ role: "user", content: "What is Flotilla?" }], ...extra };
}

/** A tool, and a question that asks for it. */
export const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Get the weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
export const weatherQuestion = { role: "user", content: "What is the weather in Paris?" };
