"""Families with more than one message or with tools: multi_turn, system, tools, tool_unknown, tool_result, tool_chat."""
import json

import chat
import letters
import records
import talk
import toolset
from letters import done, user
from values import DAYS, MORE, dress, held, load_wordings, name, pseudo, word, wording


WORDINGS = load_wordings("dialogs")


def _one(rng, evaluate):
    return rng.choice([letters.copy, letters.reverse, letters.upper, letters.spell, letters.count, letters.addition, letters.subtraction,
                       talk.faq, talk.faq, talk.faq, talk.out_of_scope, talk.greeting, records.extract])(rng, evaluate)


# ---- Follow-ups -------------------------------------------------------------------------------------------------
UNKNOWN_NAME = "You have not told me your name."
MET = ["Nice to meet you, {n}!", "Nice to meet you, {n}!", "Hello {n}! How can I help you?"]
FILL = ["And another thing: ", "OK. ", "Next: ", "Now something else. ", "And ", "Good. ", "Also, ", "Thanks. ", "Fine. "]


def memory(rng, evaluate):
    who = name(rng, evaluate)
    out = [user(dress_name(rng, wording(rng, WORDINGS["told"], evaluate), who)), done(rng.choice(MET).replace("{n}", who))]
    if not evaluate and rng.random() < 0.25:
        return out
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        out += _one(rng, evaluate)
    asked = dress(rng, wording(rng, WORDINGS["asked"], evaluate))
    return out + [user(asked), done(f"Your name is {who}.")]


def dress_name(rng, text, who):
    text = text.replace("{n}", who)
    return text.rstrip(".") if rng.random() < 0.2 else text


def nameless(rng, evaluate):
    out = []
    for _ in range(rng.choice([0, 0, 1, 2])):
        out += _one(rng, evaluate)
    return out + [user(dress(rng, wording(rng, WORDINGS["asked"], evaluate))), done(UNKNOWN_NAME)]


def same_word(rng, evaluate):
    value = word(rng, evaluate)
    answers = {"reverse": letters.reverse_answer, "upper": str.upper, "spell": letters.spell_answer, "count": letters.count_answer, "copy": str}
    kinds = rng.sample(list(answers), rng.choice([2, 2, 3]))
    out = [user(letters.ask(rng, kinds[0], evaluate, w=letters.quoted(rng, value, evaluate))), done(answers[kinds[0]](value))]
    for kind in kinds[1:]:
        text = wording(rng, WORDINGS["next " + kind], evaluate)
        text = dress(rng, text) if rng.random() < 0.3 else text
        out += [user(text.lower().rstrip(".") if rng.random() < 0.2 else text), done(answers[kind](value))]
    return out


def chain(rng, evaluate):
    sub = rng.random() < 0.4
    a, b = letters.numbers(rng, evaluate, sub)
    out = [user(letters.ask(rng, "subtraction" if sub else "addition", evaluate, a=str(a), b=str(b), m="-", t=rng.choice(letters.THINGS))), done(letters.sub_answer(a, b) if sub else letters.add_answer(a, b))]
    value = a - b if sub else a + b
    for _ in range(rng.choice([1, 1, 2])):
        sub = value > 20 and rng.random() < 0.5
        more = next((n for n in (rng.randint(1, 99) for _ in range(400)) if letters.held_pair(abs(value), n) == evaluate and not (sub and n > value)), None)
        if value < 0 or more is None:
            break
        text = wording(rng, WORDINGS["less" if sub else "more"], evaluate).replace("{b}", str(more))
        out += [user(text if text.endswith(("?", ".")) or rng.random() < 0.5 else text + "."), done(letters.sub_answer(value, more) if sub else letters.add_answer(value, more))]
        value = value - more if sub else value + more
    return out


def mixture(rng, evaluate):
    out = []
    for i in range(rng.randint(6, 12) if rng.random() < 0.06 else rng.choice([2, 2, 3, 4])):
        turn = _one(rng, evaluate)
        if i and rng.random() < 0.15 and turn[0]["content"][:1].isupper():
            turn = [user(rng.choice(FILL) + turn[0]["content"])] + turn[1:]
        out += turn
    return out


def multi_turn(rng, evaluate):
    return rng.choices([memory, nameless, same_word, chain, mixture], [25, 5 if evaluate else 10, 25, 20, 25])[0](rng, evaluate)


# ---- System prompts ---------------------------------------------------------------------------------------------
def system_prompt(rng, evaluate):
    text = wording(rng, WORDINGS["system"], evaluate)
    if not evaluate and rng.random() < 0.3:
        text += " " + wording(rng, WORDINGS["system"], False)
    for key, value in (("p", pseudo(rng, 2, 3).capitalize()), ("n", name(rng, evaluate)), ("d", rng.choice(DAYS)), ("y", str(rng.randint(2024, 2030))), ("b", str(rng.randint(10, 28)))):
        text = text.replace("{" + key + "}", value)
    return {"role": "system", "content": text}


def system(rng, evaluate):
    if rng.random() < 0.25:
        who = name(rng, evaluate)
        head = {"role": "system", "content": wording(rng, WORDINGS["user_is"], evaluate).replace("{n}", who)}
        turns = _one(rng, evaluate) if rng.random() < 0.3 else []
        return [head] + turns + [user(wording(rng, WORDINGS["asked"], evaluate)), done(f"Your name is {who}.")]
    return [system_prompt(rng, evaluate)] + (_one(rng, evaluate) if evaluate or rng.random() < 0.7 else multi_turn(rng, evaluate))


# ---- Tools ------------------------------------------------------------------------------------------------------
def call(title, arguments, compact=False):
    text = json.dumps(arguments, ensure_ascii=False, separators=(",", ":") if compact else None)
    return {"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": title, "arguments": text}}]}


def others(rng, evaluate, taken, count):
    """[(tool, ask)] that requests for the `taken` tools cannot mean."""
    out = []
    while len(out) < count:
        made = toolset.known(rng, evaluate) if rng.random() < 0.6 else toolset.made_up(rng, evaluate)
        if not any(alike(made[0], t) for t, _ in taken + out):
            out.append(made)
    return out


def alike(a, b):
    a, b = a["function"], b["function"]
    if a["name"] == b["name"] or a.get("description", "")[:12].lower() == b.get("description", "")[:12].lower():
        return True
    return any(any(n in a["name"] for n in k[0]) and any(n in b["name"] for n in k[0]) for k in toolset.KNOWN)


def offered(rng, evaluate, make, called=False):
    """(tools, opening messages, [(request, name, arguments)]): the first request is for the tool that `make` made. No request could
    mean two tools, unless the prompt has the call already (`called`)."""
    while True:
        listed, prefix, requests = offer(rng, evaluate, make)
        if called or not any(toolset.ambiguous(request, ask, [a for _, a in listed]) for request, ask, _, _ in requests):
            break
    return [t for t, _ in listed], prefix, [(request, title, arguments) for request, _, title, arguments in requests]


def offer(rng, evaluate, make):
    wanted = make(rng, evaluate)
    listed = [wanted] + others(rng, evaluate, [wanted], rng.choices([0, 1, 2, 3], [40, 32, 20, 8] if evaluate else [20, 35, 28, 17])[0])
    if not evaluate and rng.random() < 0.2:
        sibling = toolset.made_up(rng, False, getattr(wanted[1], "thing", None))
        listed = listed[:3] + ([] if any(sibling[0]["function"]["name"] == t["function"]["name"] for t, _ in listed) else [sibling])
    asks = [wanted] + ([] if evaluate else rng.choices(listed, k=rng.choice([0, 1, 2, 3] if len(listed) > 1 else [0, 1])))
    requests = []
    for tool, ask in asks:
        request, arguments = ask()
        requests.append((polish(rng, request), ask, tool["function"]["name"], arguments))
    rng.shuffle(listed)
    prefix = [system_prompt(rng, evaluate)] if rng.random() < 0.15 else []
    if rng.random() < 0.15:
        prefix += rng.choice([talk.greeting, talk.faq])(rng, evaluate)
    return listed, prefix, requests


def polish(rng, text):
    """Like `dress`, but the value may end the request, so its end stays."""
    if rng.random() < 0.15:
        text = rng.choice(["Hi! ", "Hey, ", "Please: ", "OK. ", "Hello. ", "Now, ", "By the way, ", "Listen, "]) + text
    return text[:1].lower() + text[1:] if rng.random() < 0.08 and text[1:2].islower() else text


def terse(rng, make, most, bare):
    """Two to `most` (tool, ask), usually without what only explains parameters, or without parameters at all (`bare`); often two are of the same thing."""
    listed, names = [], set()
    while len(listed) < 2 or rng.random() < 0.55 and len(listed) < most:
        kin = rng.choice(listed)[1] if listed and rng.random() < 0.35 else None
        made = toolset.made_up(rng, False, getattr(kin, "thing", None)) if listed and rng.random() < 0.6 else make(rng, False)
        function = made[0]["function"]
        if function["name"] in names or any(alike(made[0], t) for t, _ in listed):
            continue
        names.add(function["name"])
        if rng.random() < 0.8:
            function["parameters"] = {"type": "object", "properties": {key: {"type": value["type"]} for key, value in function["parameters"]["properties"].items()}}
            if bare:
                del function["parameters"]
        listed.append(made)
    return listed


def requested(rng, listed, most):
    """[(request, name, arguments)]: up to `most` short requests, none of which could mean two of the tools."""
    out = []
    for tool, ask in rng.choices(listed, k=2 * most):
        request, arguments = ask()
        if len(request) < 60 and len(out) < most and not toolset.ambiguous(request, ask, [a for _, a in listed]):
            out.append((polish(rng, request), tool["function"]["name"], arguments))
    return out


def drill(rng, make):
    """Terse tools and many requests, the calls one behind the other without results: the same number of tokens asks oftener which tool is meant."""
    listed = terse(rng, make, 5, False)
    out = [m for request, title, arguments in requested(rng, listed, rng.randint(4, 8)) for m in (user(request), call(title, arguments))]
    return (out, [t for t, _ in listed]) if out else drill(rng, make)


def choosing(rng):
    """[(text, learned)]: the same with more requests, and of each call nothing but the name. No answer to learn from beyond that, so no example of a family."""
    listed = terse(rng, toolset.made_up, 7, True)
    out = chat.segments([user("")], [t for t, _ in listed])[:1]
    for request, title, _ in requested(rng, listed, rng.randint(8, 14)):
        out += [(f'<|im_start|>user\n{request}<|im_end|>\n<|im_start|>assistant\n<tool_call>\n{{"name": "', False), (title + '"', True), ("<|im_end|>\n", False)]
    return out


def calling(rng, evaluate, make):
    if not evaluate and rng.random() < 0.4:
        return drill(rng, make)
    listed, out, requests = offered(rng, evaluate, make)
    for i, (request, title, arguments) in enumerate(requests):
        compact = i + 1 < len(requests) and rng.random() < 0.1
        out = out + [user(request), call(title, arguments, compact)]
        if i + 1 < len(requests):
            out += answered(rng, evaluate)
            if rng.random() < 0.15:
                out += rng.choice([talk.greeting, talk.faq, letters.spell, letters.copy])(rng, evaluate)
    return out, listed


def tools(rng, evaluate):
    return calling(rng, evaluate, toolset.known)


def tool_unknown(rng, evaluate):
    return calling(rng, evaluate, toolset.made_up)


RESULT_KEYS = ["temperature", "condition", "status", "price", "result", "value", "total", "answer", "time", "date", "owner", "city", "country", "score", "level", "state", "speed", "distance", "author", "unit", "wind", "humidity", "symbol",
               "currency", "order_id", "stock", "phone", "rating", "delivery_date", "title", "altitude", "carrier", "balance", "sender", "gate", "pressure", "room_number", "quality", "color", "size", "weight", "height", "amount", "year"]


def result_key(rng):
    """A key that is not one of the list: a copied word, or two."""
    kinds = [lambda: rng.choice(toolset.NOUNS + MORE), lambda: word(rng, False)]
    while True:
        key = "_".join(rng.choice(kinds)() for _ in range(rng.choice([1, 1, 1, 2])))
        if not held(key):
            return key


def result_value(rng, evaluate):
    roll = rng.random()
    if roll < 0.3:
        return rng.randint(-20, 2000)
    if roll < 0.45:
        return round(rng.uniform(0, 500), rng.choice([1, 2]))
    if roll < 0.8:
        return word(rng, evaluate)
    return rng.choice([name, toolset.city, toolset.query])(rng, evaluate)


def result_answer(content):
    """What is said about a tool's result; the one rule for training and evaluation."""
    try:
        data = json.loads(content)
    except ValueError:
        data = content
    if isinstance(data, dict):
        if list(data) == ["error"]:
            return f"The tool failed: {data['error']}."
        parts = [f"the {key.replace('_', ' ')} is {value}" for key, value in data.items()]
        text = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
        return text[:1].upper() + text[1:] + "."
    return content if content.endswith(".") else f"The result is {content}."


def answered(rng, evaluate):
    """A tool's result and what is said about it."""
    roll, separators = rng.random(), (",", ":") if rng.random() < 0.3 else None
    if roll < 0.6:
        keys = rng.sample([k for k in RESULT_KEYS if held(k) == evaluate], rng.choice([1, 1, 2, 2, 3]))
        if not evaluate:
            keys = [key if rng.random() < 0.35 else result_key(rng) for key in keys]
            keys += [result_key(rng) for _ in range(rng.choice([0, 0, 1, 2, 4]))]
        content = json.dumps({k: result_value(rng, evaluate) for k in keys}, ensure_ascii=False, separators=separators)
    elif roll < 0.7:
        error = rng.choice([word(rng, evaluate) + " not found", "unknown " + word(rng, evaluate), "no " + word(rng, evaluate), "timeout"])
        content = json.dumps({"error": error}, separators=separators)
    elif roll < 0.85:
        content = str(result_value(rng, evaluate))
    else:
        content = letters.phrase(rng, evaluate) + "."
    return [{"role": "tool", "tool_call_id": "call_1", "content": content}, done(result_answer(content))]


def tool_result(rng, evaluate):
    listed, out, requests = offered(rng, evaluate, toolset.known if rng.random() < 0.5 else toolset.made_up, evaluate)
    for request, title, arguments in requests:
        out = out + [user(request), call(title, arguments, rng.random() < 0.3)] + answered(rng, evaluate)
    return out, listed


def tool_chat(rng, evaluate):
    """Tools are offered and not needed."""
    listed = [t for t, _ in others(rng, evaluate, [], rng.choice([1, 1, 2, 3]))]
    has = " ".join(json.dumps(t) for t in listed).lower()
    while True:
        kind = rng.choice([talk.faq, talk.faq, talk.greeting, talk.greeting, letters.spell, letters.reverse, letters.upper, letters.copy, letters.count, letters.addition, letters.subtraction, records.extract, talk.out_of_scope, memory] + ([] if evaluate else [talk.out_of_scope] * 3))
        if kind in (letters.addition, letters.subtraction) and ("arithmetic" in has or "calc" in has or "expression" in has):
            continue
        if kind is talk.out_of_scope and any(w in has for w in ("search", "internet", "weather", "time", "clock", "translat", "mail", "table", "timer", "news", "call", "play", "arithmetic", "expression")):
            continue
        break
    turns = kind(rng, evaluate)
    for _ in range(0 if evaluate else rng.choice([0, 0, 1, 2])):
        turns = rng.choice([talk.faq, talk.greeting, letters.spell, letters.reverse, letters.upper])(rng, False) + turns
    prefix = [system_prompt(rng, evaluate)] if rng.random() < 0.15 else []
    return prefix + turns, listed
