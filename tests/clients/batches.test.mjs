import assert from "node:assert/strict";
import { test } from "node:test";
import { toFile } from "openai";
import { client, question } from "./fleet.mjs";

const line = (id, body) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body }) + "\n";

/** Nothing announces the end of a batch: OpenAI's own guide asks again and again. */
async function over(openai, batch) {
  while (!["completed", "failed", "expired", "cancelled"].includes(batch.status)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    batch = await openai.batches.retrieve(batch.id);
  }
  return batch;
}

test("a batch runs from file to file, and a bad line is named", async () => {
  const openai = client();
  const text = line("good", question({ max_completion_tokens: 4 })) + "no json\n";
  const file = await openai.files.create({ file: await toFile(Buffer.from(text), "in.jsonl"), purpose: "batch" });
  assert.equal(file.object, "file");
  const made = await openai.batches.create({ input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h", metadata: { team: "blue" } });
  assert.equal(made.object, "batch");
  const batch = await over(openai, made);
  assert.equal(batch.status, "completed");
  assert.deepEqual(batch.request_counts, { total: 2, completed: 1, failed: 1 });
  assert.equal(batch.errors.data[0].line, 2);
  assert.deepEqual(batch.metadata, { team: "blue" });
  const output = (await (await openai.files.content(batch.output_file_id)).text()).trim().split("\n").map((l) => JSON.parse(l));
  assert.equal(output.length, 1);
  assert.equal(output[0].custom_id, "good");
  assert.equal(output[0].response.status_code, 200);
  assert.equal(output[0].response.body.object, "chat.completion");
  const listed = [];
  for await (const item of openai.batches.list()) listed.push(item.id);
  assert.ok(listed.includes(batch.id));
});

test("files are paged, deleted and gone", async () => {
  const openai = client();
  const file = await openai.files.create({ file: await toFile(Buffer.from("x"), "x.txt"), purpose: "user_data" });
  const found = [];
  for await (const item of openai.files.list({ purpose: "user_data", limit: 1 })) found.push(item.id);
  assert.ok(found.includes(file.id));
  assert.equal((await openai.files.delete(file.id)).deleted, true);
  await assert.rejects(() => openai.files.retrieve(file.id), { status: 404 });
});

test("an answer that is fetched later is the one of now", async () => {
  const openai = client();
  const now = await openai.chat.completions.create(question());
  const later = await openai.chat.completions.create(question(), { headers: { Prefer: "respond-async" } }).withResponse();
  assert.equal(later.response.status, 202);
  const answer = await openai.get(`/requests/${later.data.request_id}/result?wait=60`);
  assert.deepEqual(answer.choices, now.choices);
  assert.deepEqual(answer.usage, now.usage);
});
