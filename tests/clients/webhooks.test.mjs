import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { client, question } from "./fleet.mjs";

/** A server of ours that takes what the gateway posts. */
async function receiver() {
  const waiting = [];
  const came = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(204).end();
      const delivery = { body: Buffer.concat(chunks).toString("utf8"), headers: request.headers };
      const first = waiting.shift();
      if (first) first(delivery);
      else came.push(delivery);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const next = () => (came.length > 0 ? Promise.resolve(came.shift()) : new Promise((resolve) => waiting.push(resolve)));
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    /** The delivery about this job, batch or response: other tests cause events in the same namespace. */
    async about(id) {
      let delivery;
      do delivery = await next();
      while (JSON.parse(delivery.body).data.id !== id);
      return delivery;
    },
    close: () => server.close(),
  };
}

async function withWebhook(events, use) {
  const openai = client();
  const here = await receiver();
  const webhook = await openai.post("/webhooks", { body: { url: here.url, events } });
  try {
    await use(openai, here, webhook);
  } finally {
    await openai.delete(`/webhooks/${webhook.id}`);
    here.close();
  }
}

test("client.webhooks.unwrap takes a delivery, and refuses one that was changed", () =>
  withWebhook(["job.completed"], async (openai, here, webhook) => {
    const { response } = await openai.chat.completions.create(question({ max_completion_tokens: 4 })).withResponse();
    const job = response.headers.get("x-flotilla-job-id");
    const { body, headers } = await here.about(job);
    const event = await openai.webhooks.unwrap(body, headers, webhook.secret);
    assert.equal(event.object, "event");
    assert.equal(event.type, "job.completed");
    assert.equal(event.id, headers["webhook-id"]);
    assert.deepEqual(event.data, await openai.get(`/jobs/${job}`));
    await assert.rejects(() => openai.webhooks.unwrap(body.replace("completed", "cancelled"), headers, webhook.secret), /signature does not match/);
    await assert.rejects(() => openai.webhooks.unwrap(body, headers, "whsec_" + Buffer.alloc(32).toString("base64")), /signature does not match/);
  }));

test("a response in the background and a batch are told by OpenAI's own events", () =>
  withWebhook(["batch.*", "response.*"], async (openai, here, webhook) => {
    const unwrapped = async (id) => {
      const { body, headers } = await here.about(id);
      return openai.webhooks.unwrap(body, headers, webhook.secret);
    };
    const response = await openai.responses.create({ model: question().model, input: "What is Flotilla?", max_output_tokens: 64, background: true });
    const told = await unwrapped(response.id);
    assert.equal(told.type, "response." + (await openai.responses.retrieve(response.id)).status);
    assert.deepEqual(told.data, { id: response.id });
    const batch = await openai.post("/batches", { body: { endpoint: "/v1/chat/completions", requests: [{ body: question({ max_completion_tokens: 4 }) }] } });
    assert.equal((await unwrapped(batch.id)).type, "batch.completed");
  }));
