"""Families with more than one message or with tools: multi_turn, system, tools, tool_unknown, tool_result, tool_chat."""
import json

import letters
import records
import talk
import toolset
from letters import done, user
from values import DAYS, dress, expand, name, pseudo, word


def _one(rng, evaluate):
    return rng.choice([letters.copy, letters.reverse, letters.upper, letters.spell, letters.count, letters.addition, letters.subtraction,
                       talk.faq, talk.faq, talk.faq, talk.out_of_scope, talk.greeting, records.extract])(rng, evaluate)


# ---- Follow-ups -------------------------------------------------------------------------------------------------
TOLD = ["My name is {n}.", "I am {n}.", "I'm {n}.", "[Hello|Hi|Hey], [I am|I'm|my name is|this is] {n}.", "Call me {n}.", "You can call me {n}.", "People call me {n}.", "{n} is my name.", "I am called {n}.", "[Hi|Hello]! [My name's|I'm|I am] {n}.", "The name is {n}.", "Please call me {n}."]
TOLD_HELD = ["They named me {n}.", "Let me introduce myself: {n}.", "You are talking to {n}.", "I go by {n}."]
ASKED = ["What is my name?", "What's my name?", "Who am I?", "Do you [remember|know|recall] my name?", "[Tell me|Say] my name.", "What am I called?", "How am I called?", "Can you tell me my name?", "my name?", "What was my name?", "What did I say my name is?", "Do you [know|remember] who I am?", "Did you remember my name?"]
ASKED_HELD = ["Which name did I give you?", "Have you kept my name in mind?", "By what name do you know me?"]
UNKNOWN_NAME = "You have not told me your name."
MET = ["Nice to meet you, {n}!", "Nice to meet you, {n}!", "Hello {n}! How can I help you?"]
NEXT = {
    "reverse": ["[Now|And|Then|OK, now] [backwards|reversed|in reverse|reverse it|write it backwards|reverse that|turn it around].", "[Reverse|Flip] [it|that|that word|the word].", "And [backwards|reversed|in reverse]?", "[Can you reverse|Reverse] the same word?", "backwards", "How is that backwards?", "the same word backwards"],
    "upper": ["[Now|And|Then|OK, now] in [upper case|capitals|all caps|capital letters].", "[Make|Write|Put|Turn] [it|that] [in|into] [capitals|upper case|all caps].", "And in [capitals|upper case|all caps]?", "upper case", "Now shout it.", "the same word in capitals", "Uppercase it."],
    "spell": ["[Now|And|Then|OK, now] spell [it|that|the word].", "[Spell|Spell out] [it|that|that word|the word].", "How [is it|is that|do you] spell[ed|] [it|that|]?", "And how is it spelled?", "spell it", "Give me its letters.", "the letters please"],
    "count": ["[Now|And|Then|OK, now] count [its|the] letters.", "How many letters [does it have|are in it|is that|has it|are in that word]?", "And how long is it?", "Count the letters.", "How long is that word?", "And the number of letters?"],
    "copy": ["[Now|And|] [say|repeat|write] [it|that|the word] [again|once more].", "Repeat [it|that|the word].", "Again.", "[Which|What] word was it?", "What was the word?"],
}
NEXT_HELD = {
    "reverse": ["Please mirror it letter by letter.", "What would that be, read from its end?", "Same again, but end first."], "upper": ["I want it with capitals only.", "Please render it in upper case."],
    "spell": ["Take it apart into letters.", "Which letters does it have, in order?"], "count": ["Out of how many letters does it consist?", "Please tell me its letter count."], "copy": ["Let me hear it once more.", "Give me that same word another time."],
}
MORE = ["[Now|And|Then|OK,|] [add|plus] {b} [to that|to it|to the result|more|]", "And {b} more?", "[Plus|And plus] {b}?", "What if I add {b}?", "Add {b} [to this|].", "And with {b} more?", "increase it by {b}", "Add another {b}.", "plus {b}", "and plus {b}"]
LESS = ["[Now|And|Then|OK,|] [subtract|take away|minus] {b} [from that|from it|from the result|]", "And {b} less?", "[Minus|And minus] {b}?", "What if I take away {b}?", "Subtract {b} [from this|].", "decrease it by {b}", "Take {b} away.", "minus {b}", "and minus {b}"]
MORE_HELD = ["How much is it with {b} on top?", "Put {b} on top of the result.", "Let us go up by {b}."]
LESS_HELD = ["How much is it after removing {b}?", "Let us go down by {b}.", "Now drop {b} from the result."]
FILL = ["And another thing: ", "OK. ", "Next: ", "Now something else. ", "And ", "Good. ", "Also, ", "Thanks. ", "Fine. "]


def memory(rng, evaluate):
    who = name(rng, evaluate)
    out = [user(dress_name(rng, expand(rng, rng.choice(TOLD_HELD if evaluate else TOLD)), who)), done(rng.choice(MET).replace("{n}", who))]
    if not evaluate and rng.random() < 0.25:
        return out
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        out += _one(rng, evaluate)
    asked = dress(rng, expand(rng, rng.choice(ASKED_HELD if evaluate else ASKED)), False)
    return out + [user(asked), done(f"Your name is {who}.")]


def dress_name(rng, text, who):
    text = text.replace("{n}", who)
    return text.rstrip(".") if rng.random() < 0.2 else text


def nameless(rng, evaluate):
    out = []
    for _ in range(rng.choice([0, 0, 1, 2])):
        out += _one(rng, evaluate)
    return out + [user(dress(rng, expand(rng, rng.choice(ASKED_HELD if evaluate else ASKED)), evaluate)), done(UNKNOWN_NAME)]


def same_word(rng, evaluate):
    value = word(rng, evaluate, letters._PREFIXES)
    make = {"reverse": (letters.REVERSE, letters.REVERSE_HELD, letters.reverse_answer), "upper": (letters.UPPER, letters.UPPER_HELD, str.upper), "spell": (letters.SPELL, letters.SPELL_HELD, letters.spell_answer),
            "count": (letters.COUNT, letters.COUNT_HELD, letters.count_answer), "copy": (letters.COPY, letters.COPY_HELD, str)}
    kinds = rng.sample(list(make), rng.choice([2, 2, 3]))
    train, unseen, answer = make[kinds[0]]
    out = [user(letters._ask(rng, train, unseen, evaluate, w=letters.quoted(rng, value, evaluate))), done(answer(value))]
    for kind in kinds[1:]:
        text = dress(rng, expand(rng, rng.choice((NEXT_HELD if evaluate else NEXT)[kind])), True) if evaluate else expand(rng, rng.choice(NEXT[kind]))
        out += [user(text.lower().rstrip(".") if rng.random() < 0.2 else text), done(make[kind][2](value))]
    return out


def chain(rng, evaluate):
    sub = rng.random() < 0.4
    a, b = letters.numbers(rng, evaluate, sub)
    out = [user(letters._ask(rng, letters.SUB if sub else letters.ADD, letters.SUB_HELD if sub else letters.ADD_HELD, evaluate, a=str(a), b=str(b), m="-", t=rng.choice(letters.THINGS))), done(letters.sub_answer(a, b) if sub else letters.add_answer(a, b))]
    value = a - b if sub else a + b
    for _ in range(rng.choice([1, 1, 2])):
        sub = value > 20 and rng.random() < 0.5
        more = next((n for n in (rng.randint(1, 99) for _ in range(400)) if letters.held_pair(abs(value), n) == evaluate and not (sub and n > value)), None)
        if value < 0 or more is None:
            break
        text = expand(rng, rng.choice((LESS_HELD if sub else MORE_HELD) if evaluate else (LESS if sub else MORE))).replace("{b}", str(more))
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
    return rng.choices([memory, nameless, same_word, chain, mixture], [25, 5, 25, 20, 25])[0](rng, evaluate)


# ---- System prompts ---------------------------------------------------------------------------------------------
SYSTEM = ["You are [a|an] [helpful|friendly|polite|honest|short|kind|useful|expert|clever|patient|] [assistant|helper|bot|chat bot|model|tutor|guide|companion].", "You are a helpful assistant.", "You are flotilla-demo.", "[Be|Answer] [short|brief|concise|polite|friendly].", "Answer [briefly|in one sentence|politely|the question|the user's questions|in English].",
          "You work for {p}.", "You are the [assistant|help desk|support] of {p}.", "You are a helpful assistant. [Be brief.|Answer in one sentence.|Be polite.|Do not make things up.|Use plain words.]", "You are {n}'s assistant.", "Today is {d}.", "The current date is {y}-10-{b}.", "You are a [teacher|math teacher|spelling teacher|support agent|librarian|programmer|guide] [for children|at a school|for beginners|in a shop|].",
          "Help the user with [their questions|Flotilla|words and numbers|everything].", "[Never|Do not] [lie|swear|talk about politics|give long answers].", "You are an expert [on Flotilla|in arithmetic|for words|in JSON]."]
SYSTEM_HELD = ["Act as a [courteous|cheerful] [clerk|butler].", "Your task is to assist whoever writes to you.", "This conversation takes place at {p}. Keep replies compact.", "Assume the role of a patient instructor."]
USER_IS = ["The user's name is {n}.", "The user is called {n}.", "You are talking to {n}.", "The user is {n}.", "The name of the user is {n}.", "User: {n}", "You are a helpful assistant. The user's name is {n}.", "You are helping {n}.", "User name: {n}"]
USER_IS_HELD = ["The person who writes to you is named {n}.", "Your customer today is {n}."]


def system_prompt(rng, evaluate):
    text = expand(rng, rng.choice(SYSTEM_HELD if evaluate else SYSTEM))
    if not evaluate and rng.random() < 0.3:
        text += " " + expand(rng, rng.choice(SYSTEM))
    for key, value in (("p", pseudo(rng, 2, 3).capitalize()), ("n", name(rng, evaluate)), ("d", rng.choice(DAYS)), ("y", str(rng.randint(2024, 2030))), ("b", str(rng.randint(10, 28)))):
        text = text.replace("{" + key + "}", value)
    return {"role": "system", "content": text}


def system(rng, evaluate):
    if rng.random() < 0.25:
        who = name(rng, evaluate)
        head = {"role": "system", "content": expand(rng, rng.choice(USER_IS_HELD if evaluate else USER_IS)).replace("{n}", who)}
        turns = _one(rng, evaluate) if rng.random() < 0.3 else []
        return [head] + turns + [user(expand(rng, rng.choice(ASKED_HELD if evaluate else ASKED))), done(f"Your name is {who}.")]
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


def offered(rng, evaluate, make):
    """(tools, opening messages, [(request, name, arguments)]): the first request is for the tool that `make` made."""
    wanted = make(rng, evaluate)
    listed = [wanted] + others(rng, evaluate, [wanted], rng.choices([0, 1, 2, 3], [40, 32, 20, 8])[0])
    asks = [wanted] + ([] if evaluate else rng.choices(listed, k=rng.choice([0, 1, 1, 2])))
    requests = []
    for tool, ask in asks:
        request, arguments = ask()
        requests.append((polish(rng, request, evaluate), tool["function"]["name"], arguments))
    tools = [t for t, _ in listed]
    rng.shuffle(tools)
    prefix = [system_prompt(rng, evaluate)] if rng.random() < 0.15 else []
    if rng.random() < 0.15:
        prefix += rng.choice([talk.greeting, talk.faq])(rng, evaluate)
    return tools, prefix, requests


def polish(rng, text, evaluate):
    """Like `dress`, but the value may end the request, so its end stays."""
    if rng.random() < 0.15:
        text = rng.choice(["By the way, ", "Listen, "] if evaluate else ["Hi! ", "Hey, ", "Please: ", "OK. ", "Hello. ", "Now, "]) + text
    return text[:1].lower() + text[1:] if rng.random() < 0.08 and text[1:2].islower() else text


def calling(rng, evaluate, make):
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


RESULT_KEYS = ["temperature", "condition", "status", "price", "result", "value", "total", "answer", "time", "date", "owner", "city", "country", "score", "level", "state", "speed", "distance", "author", "unit", "wind", "humidity", "symbol", "currency", "order_id", "stock", "phone", "rating", "delivery_date", "title"]
RESULT_KEYS_HELD = ["altitude", "carrier", "balance", "sender", "gate", "pressure", "room_number", "quality"]


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
        keys = rng.sample(RESULT_KEYS_HELD if evaluate else RESULT_KEYS, rng.choice([1, 1, 2, 2, 3]))
        if not evaluate and rng.random() < 0.25:
            keys[0] = word(rng, False)
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
    listed, out, requests = offered(rng, evaluate, toolset.known if rng.random() < 0.5 else toolset.made_up)
    for request, title, arguments in requests:
        out = out + [user(request), call(title, arguments, rng.random() < 0.3)] + answered(rng, evaluate)
    return out, listed


def tool_chat(rng, evaluate):
    """Tools are offered and not needed."""
    listed = [t for t, _ in others(rng, evaluate, [], rng.choice([1, 1, 2, 3]))]
    has = " ".join(json.dumps(t) for t in listed).lower()
    while True:
        kind = rng.choice([talk.faq, talk.faq, talk.greeting, talk.greeting, letters.spell, letters.reverse, letters.upper, letters.copy, letters.count, letters.addition, letters.subtraction, records.extract, talk.out_of_scope, memory])
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
