#!/usr/bin/env python3
"""Evaluates a served model: greedy answers to eval/*.jsonl through any OpenAI-compatible server.

  evaluate.py --base-url http://127.0.0.1:8080/v1 --api-key sk-flt-… [--model M] [--families faq,free] [--limit N]
              [--concurrency 8] [--out report.json] [--failures failures.jsonl]

Only Python's standard library. Prints one line per family and the free prompts by family.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import time
import urllib.error
import urllib.request

from check import passes

HERE = pathlib.Path(__file__).parent


def ask(args, row):
    body = {"model": args.model, "messages": row["messages"], "temperature": 0, "max_tokens": row["max_tokens"]}
    if row.get("tools"):
        body["tools"] = row["tools"]
    request = urllib.request.Request(args.base_url.rstrip("/") + "/chat/completions", json.dumps(body).encode(), {"content-type": "application/json", "authorization": f"Bearer {args.api_key}"})
    for attempt in range(3):
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                choice = json.load(response)["choices"][0]
            break
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == 2:
                return "", [], f"HTTP {error.code}: {error.read(300)!r}"
            time.sleep(float(error.headers.get("retry-after") or 1))
    message = choice["message"]
    calls = [(c["function"]["name"], c["function"]["arguments"]) for c in message.get("tool_calls") or []]
    return message.get("content") or "", calls, choice["finish_reason"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--model", default="flotilla-demo")
    parser.add_argument("--families", default="")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--failures", type=pathlib.Path)
    args = parser.parse_args()
    wanted = set(filter(None, args.families.split(",")))
    jobs = []
    for path in sorted((HERE / "eval").glob("*.jsonl")):
        if not wanted or path.stem in wanted:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            jobs += [(path.stem, row) for row in (rows[:args.limit] if args.limit else rows)]
    right, total, failures = collections.Counter(), collections.Counter(), []
    began = time.time()
    with concurrent.futures.ThreadPoolExecutor(args.concurrency) as pool:
        for (name, row), (content, calls, finish) in zip(jobs, pool.map(lambda job: ask(args, job[1]), jobs)):
            good = passes(row["check"], content, calls, finish)
            for key in [name] + ([f"free/{row['family']}"] if name == "free" else []):
                total[key] += 1
                right[key] += good
            if not good:
                failures.append({"file": name, "messages": row["messages"], "tools": [t["function"]["name"] for t in row.get("tools", [])], "check": row["check"], "content": content, "tool_calls": calls, "finish": finish})
    report = {key: {"right": right[key], "asked": total[key], "percent": round(100 * right[key] / total[key], 1)} for key in sorted(total)}
    for key, value in report.items():
        print(f"{key:20} {value['right']:4} of {value['asked']:4}  {value['percent']:5.1f} %")
    print(f"{len(jobs)} prompts in {time.time() - began:.0f} s")
    if args.out:
        args.out.write_text(json.dumps(report, indent=1) + "\n")
    if args.failures:
        args.failures.write_text("".join(json.dumps(f, ensure_ascii=False) + "\n" for f in failures))


if __name__ == "__main__":
    main()
