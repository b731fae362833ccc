#!/usr/bin/env python3
"""A development aid: how a checkpoint stands, in PyTorch, without a server. `quick.py DIR/weights.pt [n] [families]`

Held-out families are checked with the expected answer given: greedy decoding gives exactly that answer if and only if
the best token is the expected one at every place. The free prompts are really decoded. The figures in README.md come
from evaluate.py on Flotilla's own engine, not from here.
"""
import collections
import json
import pathlib
import re
import sys

import torch

import chat
from check import passes
from model import Model, Shape
from tokenizer import Tokenizer

HERE = pathlib.Path(__file__).parent


def expected(row):
    check = row["check"]
    if check["type"] == "tool_call":
        return chat.assistant_text({"tool_calls": [{"function": check["value"]}]})
    return chat.dumps(check["value"]) if check["type"] == "json" else check["value"]


def forced(model, tokenizer, rows):
    """For each row, the index of the first wrong token of the answer, or -1."""
    items = []
    for row in rows:
        prompt = tokenizer.encode(chat.text(row["messages"], row.get("tools")))
        answer = tokenizer.encode(expected(row) + "<|im_end|>")
        items.append((prompt, answer))
    order = sorted(range(len(items)), key=lambda i: len(items[i][0]) + len(items[i][1]))
    result = [0] * len(rows)
    for start in range(0, len(order), 16):
        group = order[start:start + 16]
        width = max(len(items[i][0]) + len(items[i][1]) for i in group)
        tokens = torch.zeros(len(group), width, dtype=torch.long)
        for j, i in enumerate(group):
            ids = items[i][0] + items[i][1]
            tokens[j, :len(ids)] = torch.tensor(ids)
        best = model.logits(model.hidden(tokens, torch.arange(width))).argmax(-1)
        for j, i in enumerate(group):
            prompt, answer = items[i]
            got = best[j, len(prompt) - 1:len(prompt) + len(answer) - 1].tolist()
            wrong = [k for k, (a, b) in enumerate(zip(got, answer)) if a != b]
            result[i] = -1 if not wrong else (wrong[0], got)
    return result


def decode(model, tokenizer, prompt, limit):
    past = [[] for _ in model.blocks]
    ids, out = tokenizer.encode(prompt), []
    at = 0
    while len(out) < limit:
        hidden = model.hidden(torch.tensor([ids]), torch.arange(at, at + len(ids)), past=past)
        at += len(ids)
        token = int(model.logits(hidden[:, -1]).argmax())
        if token == tokenizer.im_end:
            return tokenizer.decode(out), "stop"
        out.append(token)
        ids = [token]
    return tokenizer.decode(out), "length"


def calls_in(text):
    calls = []
    for body in re.findall(r"<tool_call>\n(.*?)\n</tool_call>", text, re.S):
        try:
            data = json.loads(body)
            calls.append((data["name"], json.dumps(data["arguments"])))
        except (ValueError, KeyError):
            pass
    return calls


def main():
    torch.set_num_threads(1)
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    wanted = sys.argv[3].split(",") if len(sys.argv) > 3 else []
    saved = torch.load(sys.argv[1])
    tokenizer = Tokenizer.load(HERE / "vocabulary.json")
    model = Model(Shape(vocab=len(tokenizer.tokens)))
    model.load_state_dict(saved["weights"], strict=False)
    print(f"step {saved['step']}, {saved['tokens'] / 1e6:.1f} M tokens, {saved['elapsed'] / 60:.1f} minutes")
    with torch.no_grad():
        for path in sorted((HERE / "eval").glob("*.jsonl")):
            if wanted and path.stem not in wanted:
                continue
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.stem == "free":
                free(model, tokenizer, rows)
                continue
            rows = rows[:limit]
            result = forced(model, tokenizer, rows)
            print(f"{path.stem:14} {100 * sum(r == -1 for r in result) / len(rows):5.1f} %")
            for row, r in [(w, r) for w, r in zip(rows, result) if r != -1][:3]:
                print("      ", json.dumps(row["messages"][-1]["content"], ensure_ascii=False)[-90:], "| want", expected(row)[:70].replace("\n", "⏎"), "| got", tokenizer.decode(r[1])[:70].replace("\n", "⏎"))


def free(model, tokenizer, rows):
    good, count = collections.Counter(), collections.Counter()
    for row in rows:
        answer, finish = decode(model, tokenizer, chat.text(row["messages"], row.get("tools")), row["max_tokens"])
        calls = calls_in(answer)
        passed = passes(row["check"], answer, calls, finish)
        good[row["family"]] += passed
        count[row["family"]] += 1
        if not passed:
            print("  free", row["family"], json.dumps(row["messages"][-1]["content"], ensure_ascii=False), "->", json.dumps(answer, ensure_ascii=False)[:110])
    print(f"free           {100 * sum(good.values()) / len(rows):5.1f} %", dict((f, f"{good[f]}/{count[f]}") for f in count))


if __name__ == "__main__":
    main()
