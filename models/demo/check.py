"""Rules that decide whether an answer is right; the same for every evaluation. See README.md, "Evaluation files"."""
import json
import re


def same(a, b):
    """Equal as JSON, where text is compared without case and 31 equals 31.0 and "31"."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (dict, list)) or isinstance(b, (dict, list)) or isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return type(a) is type(b) and a == b
    try:
        return float(a) == float(b)
    except ValueError:
        return str(a).strip().lower() == str(b).strip().lower()


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def passes(check, content, calls, finish):
    """`calls` is [(name, arguments as JSON text)]; an answer that was cut off by max_tokens is wrong."""
    kind, value = check["type"], check["value"]
    if finish == "length":
        return False
    if kind == "tool_call":
        return len(calls) == 1 and calls[0][0] == value["name"] and same(parsed(calls[0][1]), value["arguments"])
    if calls:
        return False
    content = content.strip()
    if kind == "exact":
        return content == value
    if kind == "sum":
        return content == value or content == re.sub(r"^(\d+) \+ (\d+)", r"\2 + \1", value)
    if kind == "contains_all":
        return all(v.lower() in content.lower() for v in value)
    if kind == "contains_any":
        return any(v.lower() in content.lower() for v in value)
    if kind == "regex":
        return re.search(value, content, re.IGNORECASE) is not None
    if kind == "json":
        data = parsed(content)
        return isinstance(data, dict) and same(data, value)
    raise ValueError(f"unknown check type {kind!r}")
