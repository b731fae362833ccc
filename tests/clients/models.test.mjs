import assert from "node:assert/strict";
import { test } from "node:test";
import { client, model } from "./fleet.mjs";

test("models.list yields the model that is served", async () => {
  const found = [];
  for await (const item of client().models.list()) found.push(item);
  const served = found.find((item) => item.id === model);
  assert.ok(served, `${model} is not among ${found.map((item) => item.id)}`);
  assert.equal(served.object, "model");
  assert.equal(typeof served.owned_by, "string");
  assert.ok(Number.isInteger(served.created));
});

test("models.retrieve gives one model", async () => {
  assert.equal((await client().models.retrieve(model)).id, model);
});
