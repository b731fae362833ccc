#!/usr/bin/env python3
"""Training text and held-out prompts of the demo model, from nothing but these files.

  generate.py eval          writes eval/<family>.jsonl (PER_FAMILY prompts each, unseen values and unseen wordings)
  generate.py check [n]     draws n training examples and fails if one shares a wording, a value or a text with the held-out sets
  generate.py show [n]      prints n training examples
  generate.py vocabulary    learns vocabulary.json from the training texts; a new vocabulary needs a new training

A training example and a held-out prompt never share a wording, a value or a pair of numbers (values.held); no
training example has the text of a held-out or free prompt: `example` drops what would break this, and `check` looks again.
"""
import json
import pathlib
import random
import re
import sys

import chat
import dialogs
import letters
import records
import talk
import tokenizer
import toolset
from values import FREE_PROMPTS, held, held_pair, plain

HERE = pathlib.Path(__file__).parent
PER_FAMILY = 500
FAMILIES = {
    "faq": talk.faq, "addition": letters.addition, "subtraction": letters.subtraction, "copy": letters.copy, "reverse": letters.reverse, "upper": letters.upper,
    "spell": letters.spell, "count": letters.count, "json": records.extract, "tools": dialogs.tools, "tool_unknown": dialogs.tool_unknown, "tool_result": dialogs.tool_result,
    "tool_chat": dialogs.tool_chat, "out_of_scope": talk.out_of_scope, "greeting": talk.greeting, "multi_turn": dialogs.multi_turn, "system": dialogs.system,
}
WEIGHTS = {"faq": 46, "addition": 7, "subtraction": 7, "copy": 14, "reverse": 11, "upper": 13, "spell": 4, "count": 10, "json": 44, "tools": 9, "tool_unknown": 8,
           "tool_result": 4, "tool_chat": 11, "out_of_scope": 22, "greeting": 12, "multi_turn": 8, "system": 7}
TABLES = 0.03       # share of examples that are tables of sums (letters.table)
CHOICES = 0.04      # and of those that only name the tools that are meant (dialogs.choosing)
# The first part of the training: what everything else is made of, copying above all, in short texts.
FIRST_WEIGHTS = {"faq": 12, "addition": 9, "subtraction": 9, "copy": 12, "reverse": 10, "upper": 8, "spell": 12, "count": 7, "json": 8, "tools": 1.2, "tool_unknown": 1.2,
                 "tool_result": 0.4, "tool_chat": 0.7, "out_of_scope": 4, "greeting": 2, "multi_turn": 2, "system": 1}
MERGES, FREQUENT = (1250, 200, 60), 25     # of the vocabulary: beginnings of words, words that begin a text, signs; and how often a word must occur
_EVAL_PROMPTS = set()


def make(family, rng, evaluate):
    made = FAMILIES[family](rng, evaluate)
    messages, tools = made if isinstance(made, tuple) else (made, None)
    return {"family": family, "messages": messages, "tools": tools}


def asked(messages):
    return [plain(m["content"]) for m in messages if m["role"] == "user"]


def eval_prompts():
    if not _EVAL_PROMPTS:
        for path in (HERE / "eval").glob("*.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                last = [m for m in json.loads(line)["messages"] if m["role"] == "user"][-1]
                _EVAL_PROMPTS.add(plain(last["content"]))
        # Small talk and follow-ups without a value of their own are language, not test items.
        _EVAL_PROMPTS.difference_update({p for p in _EVAL_PROMPTS if len(p.split()) < 2} - FREE_PROMPTS)
    return _EVAL_PROMPTS


def example(rng, first=False):
    """One training example; drawn again when it would show a held-out or free prompt."""
    forbidden = eval_prompts()
    weights = FIRST_WEIGHTS if first else WEIGHTS
    family = rng.choices(list(weights), list(weights.values()))[0]
    while True:
        row = make(family, rng, False)
        if not any(text in forbidden for text in asked(row["messages"])):
            return row


def check_of(row):
    answer = row["messages"][-1]
    if answer.get("tool_calls"):
        function = answer["tool_calls"][0]["function"]
        return {"type": "tool_call", "value": {"name": function["name"], "arguments": json.loads(function["arguments"])}}
    if row["family"] == "json":
        return {"type": "json", "value": json.loads(answer["content"])}
    return {"type": "sum" if re.fullmatch(r"\d+ \+ \d+ = \d+", answer["content"]) else "exact", "value": answer["content"]}


def write_eval():
    for number, family in enumerate(FAMILIES):
        rng, seen, rows = random.Random(7_000_000 + number), set(), []
        tries = 0
        while len(rows) < PER_FAMILY:
            tries += 1
            row = make(family, rng, True)
            key = json.dumps([row["messages"][:-1], row["tools"] if tries < 50_000 else tries])
            if key in seen or asked(row["messages"])[-1] in FREE_PROMPTS and tries < 50_000:
                continue
            seen.add(key)
            out = {"family": family, "messages": row["messages"][:-1]}
            if row["tools"]:
                out["tools"] = row["tools"]
            out["check"], out["max_tokens"] = check_of(row), 128
            rows.append(out)
        path = HERE / "eval" / f"{family}.jsonl"
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        print(f"{family}: {len(rows)} prompts, {tries} drawn")


def check(count):
    rng, forbidden = random.Random(99), eval_prompts()
    for _ in range(count):
        row = example(rng)
        for text in asked(row["messages"]):
            assert text not in forbidden, text
        answer = row["messages"][-1].get("content") or ""
        if row["family"] in ("copy", "reverse", "spell", "upper") and "\n" not in answer:
            value = answer[::-1] if row["family"] == "reverse" else answer.replace("-", "") if row["family"] == "spell" else answer
            assert " " in value or not held(value), f"held-out value trained on: {value}"
        if row["family"] in ("addition", "subtraction"):
            for line in answer.split("\n"):
                numbers = [int(n) for n in re.findall(r"\d+", line)]
                assert not held_pair(numbers[0], numbers[1]), line
    print(f"{count} examples share nothing with the held-out prompts")


def write_vocabulary():
    rng, texts = random.Random(5), []
    for _ in range(60_000):
        row = example(rng)
        texts.append(chat.text(row["messages"], row["tools"], prompt=False))
    learned = tokenizer.learn(texts, *MERGES, FREQUENT)
    learned.save(HERE / "vocabulary.json")
    print(f"{len(learned.tokens)} tokens")


def main():
    if sys.argv[1:2] == ["vocabulary"]:
        write_vocabulary()
    elif sys.argv[1:2] == ["eval"]:
        write_eval()
    elif sys.argv[1:2] == ["check"]:
        check(int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
    else:
        rng = random.Random(1)
        for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 20):
            row = example(rng)
            print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
