"""Families that work on the letters of a word: copy, reverse, upper, spell, count; and sums: addition, subtraction."""
from values import dress, expand, held_pair, load_wordings, name, noisy, word, wording


def quoted(rng, value, evaluate):
    roll = rng.random()
    if roll < 0.5:
        return value
    if roll < 0.8:
        return f'"{value}"'
    return rng.choice(["'{}'", "`{}`", "“{}”", "*{}*"]).format(value)


def user(text):
    return {"role": "user", "content": text}


def done(answer):
    return {"role": "assistant", "content": answer}


WORDINGS = {**load_wordings("letters"), **load_wordings("sums")}


def phrase(rng, evaluate):
    count = rng.randint(2, 5)
    kind = rng.random()
    if kind < 0.75:
        words = [word(rng, evaluate) for _ in range(count)]
        glue = ["the", "a", "my", "is", "and", "of", "in", "on", "was", "very", "with", "likes", "has", "one", "no", "this", "to", "for"]
        if rng.random() < 0.6:
            for i in range(len(words) - 1, 0, -1):
                if rng.random() < 0.7:
                    words.insert(i, rng.choice(glue))
            if rng.random() < 0.4:
                words.insert(0, rng.choice(["the", "a", "my", "this", "every", "no", "one"]))
    else:
        words = [word(rng, evaluate) for _ in range(count - 1)] + [str(rng.randint(1, 999))]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if rng.random() < 0.3 else text


DENSE = 0.3     # share of the training examples that ask for several words or sums at once
NOISE = 0.1     # share of the training requests made of a sign and words without meaning


def ask(rng, section, evaluate, **slots):
    bounded = " " not in slots.get("w", "") or not slots["w"][0].isalnum()
    if not evaluate and bounded and section in SIGNS and rng.random() < NOISE:
        sign = rng.choice(SIGNS[section])
        for key, value in slots.items():
            sign = sign.replace("{" + key + "}", value)
        return noisy(rng, [sign, slots["w"]] if "w" in slots else [sign])
    text = wording(rng, WORDINGS[section], evaluate)
    starts_with_value = text.startswith("{")
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    if starts_with_value:
        return text if rng.random() < 0.8 else rng.choice(["Hi! ", "Please: ", "OK, "]) + text
    if text.endswith(tuple(slots.values())):
        # The value ends the request, so nothing may follow it.
        return rng.choice(["Hi! ", "Hey, ", "Please: ", "OK, "]) + text if rng.random() < 0.1 else text
    return dress(rng, text)


LISTS = {
    "reverse": ["Reverse [these words|each word]: {l}", "[reverse|backwards]: {l}", "Write each word backwards: {l}", "[These|All these] words backwards, please: {l}"],
    "upper": ["[These words|Each word] in [capitals|upper case|all caps]: {l}", "[upper case|all caps]: {l}", "Make these words upper case: {l}"],
    "spell": ["Spell [these words|each word]: {l}", "spell: {l}", "How are these words spelled? {l}", "Spell {l}"],
    "copy": ["Repeat [these words|each word]: {l}", "One word per line: {l}", "Write these words below each other: {l}", "[copy|list]: {l}"],
    "letter in words": ["[How often is|How many times is|Count] the letter {c} in [these words|each word]: {l}", "Letter {c}, how often? {l}", "Count {c} in each of these: {l}"],
    "letters in word": ["How often are the letters {l} in {w}?", "Count each of these letters in {w}: {l}", "[Word|The word]: {w}. [Count|How often]: {l}", "In {w}, count {l}"],
    "count": ["Count the letters of [these words|each word]: {l}", "How many letters does each word have? {l}", "letters: {l}"],
}


def several(rng, kind, answer):
    """Several words at once: dense practice, and lists are answered line by line."""
    words = [word(rng, False) for _ in range(rng.randint(3, 7))]
    text = expand(rng, rng.choice(LISTS[kind])).replace("{l}", rng.choice([", ", " ", ", ", "\n"]).join(words))
    return [user(text), done("\n".join(map(answer, words)))]


def copy(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "copy", str)
    value = phrase(rng, evaluate) if rng.random() < 0.5 else word(rng, evaluate)
    if rng.random() < 0.1:
        value = name(rng, evaluate)
    return [user(ask(rng, "copy", evaluate, w=quoted(rng, value, evaluate))), done(value)]


def reverse_answer(value):
    return value[::-1]


def spell_answer(value):
    return "-".join(value)


def count_answer(value):
    return f"{spell_answer(value)} has {len(value)} letters."


def occur_answer(value, letter):
    times = value.lower().count(letter.lower())
    return f"In {spell_answer(value)} the letter {letter} appears {times} time{'' if times == 1 else 's'}."


def occurring(rng):
    """One letter in several words, or several letters in one word."""
    words = [word(rng, False) for _ in range(rng.randint(3, 6))]
    if rng.random() < 0.5:
        letter = rng.choice("".join(words))
        text = expand(rng, rng.choice(LISTS["letter in words"])).replace("{c}", letter).replace("{l}", ", ".join(words))
        return [user(text), done("\n".join(occur_answer(w, letter) for w in words))]
    value = max(words, key=lambda w: len(w) - len(set(w)))
    asked = rng.sample(sorted(set(value)), min(len(set(value)), rng.randint(2, 4))) + rng.sample("aeiostrnl", 1)
    asked = list(dict.fromkeys(asked))
    text = expand(rng, rng.choice(LISTS["letters in word"])).replace("{w}", value).replace("{l}", ", ".join(asked))
    return [user(text), done("\n".join(occur_answer(value, c) for c in asked))]


def reverse(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "reverse", reverse_answer)
    value = word(rng, evaluate)
    return [user(ask(rng, "reverse", evaluate, w=quoted(rng, value, evaluate))), done(reverse_answer(value))]


def upper(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "upper", str.upper)
    value = word(rng, evaluate)
    if rng.random() < (0.15 if evaluate else 0.4):
        value += " " + word(rng, evaluate)
    return [user(ask(rng, "upper", evaluate, w=quoted(rng, value, evaluate))), done(value.upper())]


def spell(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "spell", spell_answer)
    value = name(rng, evaluate) if rng.random() < 0.1 else word(rng, evaluate)
    return [user(ask(rng, "spell", evaluate, w=quoted(rng, value, evaluate))), done(spell_answer(value))]


def count(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "count", count_answer) if rng.random() < 0.5 else occurring(rng)
    value = word(rng, evaluate)
    if rng.random() < (0.3 if evaluate else 0.45):
        twice = [] if evaluate else [c for c in value if value.count(c) > 1]
        letter = rng.choice(twice) if twice and rng.random() < 0.5 else rng.choice(value) if rng.random() < 0.85 else rng.choice("abcdefghijklmnopqrstuvwxyz")
        shown = letter if rng.random() < 0.7 else f'"{letter}"'
        return [user(ask(rng, "occur", evaluate, w=quoted(rng, value, evaluate), c=shown)), done(occur_answer(value, letter))]
    return [user(ask(rng, "count", evaluate, w=quoted(rng, value, evaluate))), done(count_answer(value))]


# ---- Sums -------------------------------------------------------------------------------------------------------
THINGS = "apples pears books coins eggs cards balls pens stones stamps sheep chairs bottles cookies flowers cups shells toys tickets oranges points cows".split()


# What alone says what to do, for requests among words without meaning (values.noisy).
SIGNS = {
    "reverse": ["reverse", "backwards", "reversed", "in reverse", "from right to left", "reverse order", "spelled backwards", "flip", "turn around", "mirrored", "back to front", "mirror", "last letter first", "mirror letter by letter", "invert", "from the end", "from the right", "last to first"],
    "upper": ["upper case", "uppercase", "capitals", "capital letters", "all caps", "upper-case", "capital", "capitalised", "capitalized", "shout", "caps", "convert to uppercase", "completely in upper case", "in big letters", "yell", "to upper case", "upcase"],
    "spell": ["spell", "spelled", "spelling", "letter by letter", "letters one by one", "single letters", "letter after letter", "the letters of", "spell out", "which letters", "single letters of", "with hyphens"],
    "count": ["how many letters", "count the letters", "number of letters", "length", "how long", "letter count", "count letters", "how many characters"],
    "copy": ["repeat", "copy", "echo", "say", "repeat after me", "write", "back to me", "the text", "reply with", "answer with", "let your reply be", "your response", "unchanged", "without changes", "the same words"],
    "addition": ["{a} + {b}", "{a} plus {b}", "sum of {a} and {b}", "{a} and {b} together", "add {a} and {b}", "total of {a} and {b}", "{a} + {b} =", "{a} and {b} more"],
    "subtraction": ["{a} {m} {b}", "{a} minus {b}", "subtract {b} from {a}", "take {b} from {a}", "{b} from {a} subtracted", "{a} {m} {b} =", "{a} down by {b}", "{a} less {b}", "{a} take away {b}"],
}


def numbers(rng, evaluate, sub):
    while True:
        kind = rng.random()
        if kind < 0.70:
            a, b = rng.randint(10, 99), rng.randint(10, 99)
        elif kind < 0.82:
            a, b = rng.randint(0, 99), rng.randint(0, 20)
        elif kind < 0.87:
            a, b = rng.choice([100, 200, 1000, 100, 300, 500, 110, 150]), rng.randint(1, 99)
        else:
            a, b = rng.randint(100, 999), rng.choice([rng.randint(1, 99), rng.randint(100, 999)])
        if not sub and rng.random() < 0.5:
            a, b = b, a
        if held_pair(a, b) == evaluate:
            return a, b


def add_answer(a, b):
    return f"{a} + {b} = {a + b}"


def sub_answer(a, b):
    return f"{a} - {b} = {a - b}" if a >= b else f"{a} - {b} = -({b} - {a}) = {a - b}"


def addition(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return drill(rng)
    a, b = numbers(rng, evaluate, False)
    text = ask(rng, "addition", evaluate, a=str(a), b=str(b), t=rng.choice(THINGS))
    return [user(text), done(add_answer(a, b))]


def subtraction(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return drill(rng)
    a, b = numbers(rng, evaluate, True)
    minus = rng.choice(["-", "-", "-", "−", "–"])
    if a >= b and rng.random() < 0.2:
        return [user(ask(rng, "subtraction story", evaluate, a=str(a), b=str(b), t=rng.choice(THINGS))), done(sub_answer(a, b))]
    return [user(ask(rng, "subtraction", evaluate, a=str(a), b=str(b), m=minus)), done(sub_answer(a, b))]


def drill(rng):
    """Several sums at once: dense practice, and lists of sums are answered as lists."""
    asked, answers = [], []
    for _ in range(rng.randint(3, 8)):
        sub = rng.random() < 0.6
        a, b = numbers(rng, False, sub)
        asked.append(f"{a} {'-' if sub else '+'} {b}")
        answers.append(sub_answer(a, b) if sub else add_answer(a, b))
    lead = rng.choice(["", "Solve these:\n", "Sums:\n", "Calculate:\n", "What are these?\n"])
    return [user(lead + "\n".join(asked)), done("\n".join(answers))]


def table(rng):
    """[(text, learned)]: an answer of many sums of which only the results are learned; nothing is denser practice."""
    sub, parts = rng.random() < 0.6, [("<|im_start|>user\nWrite sums.<|im_end|>\n<|im_start|>assistant\n", False)]
    for _ in range(rng.randint(8, 14)):
        a, b = numbers(rng, False, sub)
        if sub and a < b and rng.random() < 0.6:
            a, b = b, a
        shown = sub_answer(a, b) if sub else add_answer(a, b)
        at = shown.index("=") + 1
        parts += [(shown[:at], False), (shown[at:] + "\n", True)]
    return parts
