import assert from "node:assert/strict";
import { test } from "node:test";
import { toFile } from "openai";
import { client } from "./fleet.mjs";

// A PNG of 256 by 256 pixels, all white.
const white = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEAAQAAAAB0CZXLAAAAM0lEQVR42u3KoQEAAAwCIP9/Wk9YXYBMeoggCIIgCIIgCIIgCIIgCIIgCIIgCIIgCMLvMPPS4dI8z/G7AAAAAElFTkSuQmCC",
  "base64",
);
const picture = () => toFile(white, "white.png", { type: "image/png" });

/** Width and height as the header of a PNG says them. */
function size(base64) {
  const png = Buffer.from(base64, "base64");
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  return [png.readInt32BE(16), png.readInt32BE(20)];
}

/** A second of nothing. */
function silence() {
  const rate = 16_000;
  const wav = Buffer.alloc(44 + rate * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(wav.length - 44, 40);
  return wav;
}

test("a picture is edited, alone, with a mask, and named as one of a list", async () => {
  const openai = client();
  const alone = await openai.images.edit({ model: "retoucher", image: await picture(), prompt: "make it black" });
  assert.deepEqual(size(alone.data[0].b64_json), [256, 256]);
  const masked = await openai.images.edit({ model: "retoucher", image: await picture(), mask: await picture(), prompt: "keep it" });
  assert.notEqual(masked.data[0].b64_json, alone.data[0].b64_json);
  const listed = await openai.images.edit({ model: "retoucher", image: [await picture()], prompt: "make it black" });
  assert.equal(listed.data[0].b64_json, alone.data[0].b64_json);
});

test("a picture is varied as often and as large as asked for", async () => {
  const varied = await client().images.createVariation({ model: "ffmpeg-variation", image: await picture(), n: 2, size: "256x256" });
  assert.equal(varied.data.length, 2);
  for (const one of varied.data) assert.deepEqual(size(one.b64_json), [256, 256]);
});

test("a model that cannot edit says so", async () => {
  const openai = client();
  await assert.rejects(async () => openai.images.edit({ model: "painter", image: await picture(), prompt: "x" }), { status: 400, code: "model_not_for_endpoint" });
  await assert.rejects(async () => openai.images.createVariation({ model: "ffmpeg-variation", image: await toFile(Buffer.from("no picture"), "a.png") }), { status: 400, param: "image" });
});

test("speech is translated", async () => {
  const openai = client();
  const file = () => toFile(silence(), "a.wav");
  assert.equal((await openai.audio.translations.create({ model: "interpreter", file: await file() })).text, "Good morning. How are you?");
  const verbose = await openai.audio.translations.create({ model: "interpreter", file: await file(), response_format: "verbose_json" });
  assert.equal(verbose.segments.length, 2);
  assert.match(await openai.audio.translations.create({ model: "interpreter", file: await file(), response_format: "srt" }), /^1\n00:00:00,000 --> /);
});

test("a video is made, polled, fetched, listed and deleted", async () => {
  const openai = client();
  const made = await openai.videos.create({ model: "ffmpeg-video", prompt: "a boat", seconds: "4", size: "320x256" });
  assert.equal(made.object, "video");
  assert.equal(made.seconds, "4");
  let video = made;
  // Nothing announces the end of a video: OpenAI's own guide asks again and again.
  while (["queued", "in_progress"].includes(video.status)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    video = await openai.videos.retrieve(made.id);
  }
  assert.equal(video.status, "completed", JSON.stringify(video.error));
  assert.equal(video.progress, 100);
  assert.equal(video.expires_at - video.completed_at, 3600);
  const content = await openai.videos.downloadContent(made.id);
  assert.equal(content.headers.get("content-type"), "video/mp4");
  assert.equal(Buffer.from(await content.arrayBuffer()).toString("latin1", 4, 8), "ftyp");
  const listed = [];
  for await (const one of openai.videos.list({ limit: 1 })) listed.push(one.id);
  assert.ok(listed.includes(made.id));
  const deleted = await openai.videos.delete(made.id);
  assert.deepEqual([deleted.id, deleted.deleted, deleted.object], [made.id, true, "video.deleted"]);
  await assert.rejects(() => openai.videos.retrieve(made.id), { status: 404, code: "job_not_found" });
});

test("a video's picture that its model does not take, and a length that nobody makes, are refused", async () => {
  const openai = client();
  await assert.rejects(() => openai.videos.create({ model: "ffmpeg-video", prompt: "x", seconds: "20" }), { status: 400, param: "seconds" });
  await assert.rejects(() => openai.videos.create({ prompt: "x" }), { status: 400, param: "model" });
  await assert.rejects(async () => openai.videos.create({ model: "ffmpeg-video", prompt: "x", input_reference: await toFile(Buffer.from("no picture"), "a.png") }), {
    status: 400,
    param: "input_reference",
  });
  await assert.rejects(() => openai.videos.remix("video_1", { prompt: "x" }), { status: 501 });
});
