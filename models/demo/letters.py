"""Families that work on the letters of a word: copy, reverse, upper, spell, count; and sums: addition, subtraction."""
from values import dress, expand, held_pair, name, noisy, word


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


REVERSE = [
    "Reverse [the word|the letters of|the letters in|] {w}.", "[Write|Spell|Print|Type|Give me|Show me|Say|Put] [the word|] {w} [backwards|in reverse|in reverse order|reversed|from the end to the start].",
    "What is [the word|] {w} [backwards|reversed|in reverse|spelled backwards]?", "{w} [backwards|reversed|in reverse]",
    "[Can|Could|Would] you [reverse|turn around|write backwards] [the word|] {w}?", "[reverse|backwards|Reversed]: {w}", "reverse {w}",
    "How do you [write|spell|say] {w} [backwards|in reverse]?", "I need {w} [backwards|reversed].", "Turn [the word|] {w} around.",
    "Read {w} from [the right|the back|the last letter to the first|right to left].", "Take [the word|] {w} and [reverse it|write it backwards|turn it around].",
    "{w}: [please reverse it|write it backwards|reverse this word|in reverse order].", "Start at the last letter of {w} and go to the first.", "[Put|Write] the letters of {w} in [reverse|opposite|backward] order.",
    "[Flip|Invert|Swap around] [the word|] {w}.", "the reverse of {w}", "Here is a word: {w}. [Reverse it|Write it backwards|What is it backwards?]",
    "[I'd like|I would like|Let me see|Give me] the [reverse|reversed form] of {w}.", "What [comes out|results] when you reverse {w}?", "What does {w} [look like|read like|become] [backwards|reversed|in reverse]?",
]
REVERSE_HELD = [
    "Mirror [the word|] {w} letter by letter.", "Which string do I get if {w} is written [from its end|end first]?", "Let me have {w} with its last letter first.",
    "Please give back {w} in [reversed spelling|backward spelling].", "I am looking for {w} spelled the wrong way round, that is, backwards.", "If you reverse {w}, what do you have?",
]
UPPER = [
    "[Write|Print|Type|Put|Give me|Show me] [the word|] {w} in [upper case|uppercase|capitals|capital letters|all caps|big letters|block letters].", "[Make|Turn|Change] [the word|] {w} [upper case|uppercase|all caps|into capitals|into upper case|to upper case].",
    "What is {w} in [upper case|uppercase|capitals|capital letters|all caps]?", "{w} in [upper case|uppercase|capitals|all caps]", "[upper case|uppercase|capitals|all caps|upper]: {w}", "uppercase {w}",
    "[Can|Could|Would] you [write|put|print] [the word|] {w} in [capitals|upper case|all caps]?", "[Convert|Transform|Change|Set] {w} to [capitals|uppercase|upper case|capital letters].", "Make all letters of {w} [big|capital|upper case].",
    "I need {w} in [capitals|upper case|all caps].", "[Capitalise|Capitalize|Uppercase] [all letters of|every letter of|the whole word|all of] {w}.", "Take {w} and [make it upper case|write it in capitals|put it in all caps].",
    "{w}: [in capitals please|make it upper case|write it in all caps|uppercase this].", "Here is a word: {w}. [Make it upper case|Write it in capitals|Put it in all caps].", "Shout {w}.", "How does {w} look in [capitals|upper case]?",
    "I want [to see|] {w} [shouted|in capital letters].", "{w} but in [all caps|capitals|upper case]", "Only capital letters: {w}",
]
UPPER_HELD = [
    "Please render {w} [entirely|completely] in upper case.", "Let me have {w} with [every letter capitalised|nothing but capitals].", "Which form does {w} take in [upper case|capital letters]?",
    "Replace each letter of {w} by its capital.", "I'd like to read {w} in [capitals only|upper case only].", "Return the [upper-case|uppercase] version of {w}.",
]
SPELL = [
    "[Spell|Spell out] [the word|] {w}.", "[Can|Could|Would] you spell [the word|] {w} [for me|]?", "How [is|do you spell|do I spell] [the word|] {w} [spelled|]?", "How do you spell {w}?", "How is {w} [spelled|spelt]?",
    "spell {w}", "spell: {w}", "spelling of {w}", "[Write|Give me|List|Say|Show me|Tell me] the letters of [the word|] {w} [one by one|one after another|separately|].", "What are the letters of {w}?",
    "[Split|Break|Separate] {w} into [letters|single letters|its letters].", "I need the spelling of {w}.", "What is the [correct|right|] spelling of {w}?", "Spell {w} letter by letter.", "Spell {w} with dashes.", "Which letters [are in|make up|form] {w}?",
    "{w}: [how is it spelled|spell it|spell this word|letter by letter].", "Here is a word: {w}. [Spell it|How is it spelled?]", "I [don't know|forgot|want to know] how [to spell|one spells|you spell] {w}.", "Put a dash between the letters of {w}.", "letters of {w}",
    "Help me spell {w}.", "Read out the letters of {w}.", "Take {w} and spell it.",
]
SPELL_HELD = [
    "Dictate {w} to me, letter after letter.", "Please take {w} apart into single letters.", "Let me hear the spelling of {w}.", "I keep getting the spelling of {w} wrong. What is it?",
    "Which letters, in order, does {w} have?", "In what way would you spell {w}?",
]
COUNT = [
    "How many letters [are in|does|has|are there in] [the word|] {w} [have|]?", "How many letters are in {w}?", "How many letters does {w} have?", "Count the letters [in|of] [the word|] {w}.", "[Tell|Give] me the number of letters in {w}.",
    "What is the number of [letters|characters] [in|of] {w}?", "How long is [the word|] {w}?", "letter count of {w}", "[letters|length|letter count|count letters]: {w}", "How many [characters|letters] is {w}?", "What is the length of {w}?",
    "{w}: [how many letters|how long is it|count the letters].", "[Can|Could] you count the letters [in|of] {w}?", "Count {w}.", "Here is a word: {w}. How many letters does it have?", "I need the [length|number of letters|letter count] of {w}.",
    "Of how many letters is {w} made?", "Take {w} and count its letters.", "How many letters do I need to write {w}?", "number of letters in {w}",
]
COUNT_HELD = [
    "Please determine the letter count of {w}.", "Out of how many letters does {w} consist?", "If you count the letters in {w}, what do you get?", "Let me know how many letters make up {w}.", "I wonder how many letters {w} has.",
]
OCCUR = [
    "How many times [does|is] [the letter|] {c} [appear|occur|come up|there|found] in {w}?", "How many {c}'s [are|are there] in {w}?", "How often [does|is] [the letter|] {c} [appear|occur|] in {w}?", "Count the [letter {c}|{c}'s] in {w}.",
    "How many {c} are in {w}?", "Number of {c}'s in {w}", "How many times do you see {c} in {w}?", "[In|In the word] {w}, how many {c}'s are there?",
]
OCCUR_HELD = ["How many of the letters in {w} are {c}?", "Please count every {c} in {w}.", "What's the number of times that {w} uses the letter {c}?"]
COPY = [
    "[Repeat|Say|Write|Copy|Print|Type|Echo|Give me|Return|Output] [the word|the text|this|] {w}.", "[Repeat|Say|Copy] after me: {w}", "[repeat|copy|echo|say|print]: {w}", "[Can|Could|Would] you [repeat|say|copy|write] {w}?", "Say {w} [back to me|again|once|for me].",
    "[Repeat|Write|Copy|Say] [exactly|just|only] [this|the following]: {w}", "Answer [only|just] with {w}.", "{w}: [repeat this|copy it|say that again|write it again].", "Please [copy|repeat] [the words|what follows|the following text|this]: {w}", "echo {w}",
    "Write [the following|this] [word for word|exactly|without changes]: {w}", "I want you to [say|write|repeat] {w}.", "Your answer must be {w}.", "Just say {w}.", "Say the [word|words] {w} and nothing else.", "Type [out|] {w} [without changes|again|for me].",
    "Parrot {w}.", "Repeat what I say: {w}", "Give {w} back [to me|].", "Here is a text: {w}. [Repeat it|Copy it|Write it again].", "[Copy|Repeat] it letter by letter: {w}",
]
COPY_HELD = [
    "Please reproduce {w} as it stands.", "Let your reply be {w}.", "I'd like to hear {w} from you.", "Send {w} straight back.", "Respond with the text {w} and stop.", "Do an echo of {w}.",
]


def phrase(rng, evaluate):
    count = rng.randint(2, 5)
    kind = rng.random()
    if kind < 0.75:
        words = [word(rng, evaluate, _PREFIXES) for _ in range(count)]
        glue = ["the", "a", "my", "is", "and", "of", "in", "on", "was", "very", "with", "likes", "has", "one", "no", "this", "to", "for"]
        if rng.random() < 0.6:
            for i in range(len(words) - 1, 0, -1):
                if rng.random() < 0.7:
                    words.insert(i, rng.choice(glue))
            if rng.random() < 0.4:
                words.insert(0, rng.choice(["the", "a", "my", "this", "every", "no", "one"]))
    else:
        words = [word(rng, evaluate, _PREFIXES) for _ in range(count - 1)] + [str(rng.randint(1, 999))]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if rng.random() < 0.3 else text


DENSE = 0.3     # share of the training examples that ask for several words or sums at once
NOISE = 0.35     # share of the training requests made of a sign and words without meaning
_PREFIXES = []


def use_prefixes(prefixes):
    """Beginnings of words that are one token after a space: words to be spelled are often made from them."""
    _PREFIXES[:] = prefixes


def _ask(rng, train, unseen, evaluate, **slots):
    bounded = " " not in slots.get("w", "") or not slots["w"][0].isalnum()
    if not evaluate and bounded and id(train) in SIGNS and rng.random() < NOISE:
        sign = rng.choice(SIGNS[id(train)])
        for key, value in slots.items():
            sign = sign.replace("{" + key + "}", value)
        return noisy(rng, [sign, slots["w"]] if "w" in slots else [sign])
    text = expand(rng, rng.choice(unseen if evaluate else train))
    starts_with_value = text.startswith("{")
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    if starts_with_value:
        return text if rng.random() < 0.8 else rng.choice(["Hi! ", "Please: ", "OK, "] if not evaluate else ["By the way, "]) + text
    ends_with_value = text.endswith(tuple(slots.values()))
    dressed = dress(rng, text, evaluate)
    if ends_with_value and dressed.endswith((" thanks", " please", "Thanks!", "Please.", "you.", "advance!", "it.", "help.")) and not dressed.endswith(text[-8:]):
        return text
    return dressed


LISTS = {
    "reverse": ["Reverse [these words|each word]: {l}", "[reverse|backwards]: {l}", "Write each word backwards: {l}", "[These|All these] words backwards, please: {l}"],
    "upper": ["[These words|Each word] in [capitals|upper case|all caps]: {l}", "[upper case|all caps]: {l}", "Make these words upper case: {l}"],
    "spell": ["Spell [these words|each word]: {l}", "spell: {l}", "How are these words spelled? {l}", "Spell {l}"],
    "copy": ["Repeat [these words|each word]: {l}", "One word per line: {l}", "Write these words below each other: {l}", "[copy|list]: {l}"],
    "count": ["Count the letters of [these words|each word]: {l}", "How many letters does each word have? {l}", "letters: {l}"],
}


def several(rng, kind, answer):
    """Several words at once: dense practice, and lists are answered line by line."""
    words = [word(rng, False, _PREFIXES) for _ in range(rng.randint(3, 7))]
    text = expand(rng, rng.choice(LISTS[kind])).replace("{l}", rng.choice([", ", " ", ", ", "\n"]).join(words))
    return [user(text), done("\n".join(map(answer, words)))]


def copy(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "copy", str)
    value = phrase(rng, evaluate) if rng.random() < 0.5 else word(rng, evaluate, _PREFIXES)
    if rng.random() < 0.1:
        value = name(rng, evaluate)
    return [user(_ask(rng, COPY, COPY_HELD, evaluate, w=quoted(rng, value, evaluate))), done(value)]


def reverse_answer(value):
    return value[::-1]


def spell_answer(value):
    return "-".join(value)


def count_answer(value):
    return f"{spell_answer(value)} has {len(value)} letters."


def occur_answer(value, letter):
    times = value.lower().count(letter.lower())
    return f"In {spell_answer(value)} the letter {letter} appears {times} time{'' if times == 1 else 's'}."


def reverse(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "reverse", reverse_answer)
    value = word(rng, evaluate, _PREFIXES)
    return [user(_ask(rng, REVERSE, REVERSE_HELD, evaluate, w=quoted(rng, value, evaluate))), done(reverse_answer(value))]


def upper(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "upper", str.upper)
    value = word(rng, evaluate, _PREFIXES)
    if rng.random() < 0.15:
        value += " " + word(rng, evaluate, _PREFIXES)
    return [user(_ask(rng, UPPER, UPPER_HELD, evaluate, w=quoted(rng, value, evaluate))), done(value.upper())]


def spell(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "spell", spell_answer)
    value = name(rng, evaluate) if rng.random() < 0.1 else word(rng, evaluate, _PREFIXES)
    return [user(_ask(rng, SPELL, SPELL_HELD, evaluate, w=quoted(rng, value, evaluate))), done(spell_answer(value))]


def count(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return several(rng, "count", count_answer)
    value = word(rng, evaluate, _PREFIXES)
    if rng.random() < 0.3:
        letter = rng.choice(value) if rng.random() < 0.85 else rng.choice("abcdefghijklmnopqrstuvwxyz")
        shown = letter if rng.random() < 0.7 else f'"{letter}"'
        return [user(_ask(rng, OCCUR, OCCUR_HELD, evaluate, w=quoted(rng, value, evaluate), c=shown)), done(occur_answer(value, letter))]
    return [user(_ask(rng, COUNT, COUNT_HELD, evaluate, w=quoted(rng, value, evaluate))), done(count_answer(value))]


# ---- Sums -------------------------------------------------------------------------------------------------------
ADD = [
    "[What is|What's|How much is|Calculate|Compute|Work out|Tell me|Solve] {a} + {b}?", "{a} + {b}", "{a}+{b}", "{a} + {b} =", "{a}+{b}=?", "{a} + {b} = ?", "[What is|What's|How much is|What does] {a} plus {b}?", "{a} plus {b}", "[Add|Please add|Sum up|Add up] {a} and {b}.",
    "Add {b} to {a}.", "What is the [sum|total] of {a} and {b}?", "the sum of {a} and {b}", "[Can|Could] you [add|sum] {a} and {b}?", "[How much|What] [do|are|is] {a} and {b} [together|in total|]?", "What do {a} and {b} [make|give|add up to|come to]?",
    "If I add {b} to {a}, what do I get?", "I have {a} {t} and [get|buy|find|am given] {b} more. How many [do I have|are there|{t} do I have] now?", "There are {a} {t} [in a box|on the table|in the garden] and {b} more arrive. How many are there [now|in all|]?",
    "[Anna|Tom|Mia|She|He|My brother] has {a} {t} and gets {b} more. How many [{t}|] is that?", "{a} {t} and {b} {t}, how many [{t}|] is that [in total|together|]?", "Give me {a} plus {b}.", "[sum|add|plus|total]: {a}, {b}", "Total of {a} and {b}?",
    "increase {a} by {b}", "[What|How much] is {b} more than {a}?", "What number is {a} + {b}?", "The result of {a} + {b}?", "I need {a} + {b}.", "math: {a} + {b}",
]
ADD_HELD = [
    "Please tell me what {a} + {b} comes to.", "What results from {a} plus {b}?", "Find the sum of {a} and {b}.", "If {a} and {b} are put together, what is the total?", "Kindly do this sum: {a} + {b}",
    "A farmer owns {a} {t} and gets {b} more. How many {t} now?", "What would {a} plus {b} be?", "Evaluate {a} + {b}.",
]
SUB = [
    "[What is|What's|How much is|Calculate|Compute|Work out|Tell me|Solve] {a} {m} {b}?", "{a} {m} {b}", "{a}{m}{b}", "{a} {m} {b} =", "{a}{m}{b}=?", "{a} {m} {b} = ?", "[What is|What's|How much is] {a} minus {b}?", "{a} minus {b}", "[Subtract|Take|Take away|Deduct] {b} from {a}.",
    "[Can|Could] you [subtract|take] {b} from {a}?", "{a} take away {b}", "[What|How much] is {a} less {b}?", "What is left [of {a}|] when {b} is taken [away|] from {a}?", "If I [take|subtract] {b} from {a}, what do I get?", "subtract {b} from {a}", "Give me {a} minus {b}.",
    "I need {a} {m} {b}.", "math: {a} {m} {b}", "decrease {a} by {b}", "[reduce|lower] {a} by {b}", "minus: {a}, {b}", "What number is {a} {m} {b}?", "The result of {a} {m} {b}?", "What do you get when you take {b} away from {a}?",
]
SUB_STORY = [
    "I have {a} {t} and [lose|sell|give away|eat|use] {b}. How many [are left|do I have left|remain|{t} are left]?", "There are {a} {t} [in a box|on the table|in the garden] and {b} [go|are taken|disappear|are sold]. How many [are left|remain|stay]?",
    "[Anna|Tom|Mia|She|He|My sister] had {a} {t} and [gave away|sold|lost|ate] {b}. How many [are left|remain|{t} are left]?", "Of {a} {t}, {b} are [gone|sold|broken]. How many are left?", "From {a} {t} I take {b}. How many remain?", "I had {a} dollars and paid {b}. How much [is left|do I have]?",
]
SUB_HELD = [
    "Please tell me what {a} {m} {b} comes to.", "What results from {a} minus {b}?", "Kindly do this sum: {a} {m} {b}", "What would {a} minus {b} be?", "Evaluate {a} {m} {b}.", "Starting at {a}, go down by {b}. Where do you land?", "Do a subtraction: {a} {m} {b}",
]
THINGS = "apples pears books coins eggs cards balls pens stones stamps sheep chairs bottles cookies flowers cups shells toys tickets oranges points cows".split()


# What alone says what to do, for requests among words without meaning (values.noisy).
SIGNS = {id(REVERSE): ["reverse", "backwards", "reversed", "in reverse", "from right to left", "reverse order", "spelled backwards", "flip", "turn around"],
         id(UPPER): ["upper case", "uppercase", "capitals", "capital letters", "all caps", "upper-case", "capital", "capitalised", "capitalized", "shout"],
         id(SPELL): ["spell", "spelled", "spelling", "letter by letter", "letters one by one", "single letters", "letter after letter", "the letters of", "spell out"],
         id(COUNT): ["how many letters", "count the letters", "number of letters", "length", "how long", "letter count", "count letters"],
         id(COPY): ["repeat", "copy", "echo", "say", "repeat after me", "write", "back to me", "the text", "reply with", "answer with"],
         id(ADD): ["{a} + {b}", "{a} plus {b}", "sum of {a} and {b}", "{a} and {b} together", "add {a} and {b}", "total of {a} and {b}", "{a} + {b} ="],
         id(SUB): ["{a} {m} {b}", "{a} minus {b}", "subtract {b} from {a}", "take {b} from {a}", "{b} from {a} subtracted", "{a} {m} {b} =", "{a} down by {b}"]}


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
    text = _ask(rng, ADD, ADD_HELD, evaluate, a=str(a), b=str(b), t=rng.choice(THINGS))
    return [user(text), done(add_answer(a, b))]


def subtraction(rng, evaluate):
    if not evaluate and rng.random() < DENSE:
        return drill(rng)
    a, b = numbers(rng, evaluate, True)
    minus = rng.choice(["-", "-", "-", "−", "–"])
    if a >= b and not evaluate and rng.random() < 0.2:
        return [user(_ask(rng, SUB_STORY, SUB_STORY, evaluate, a=str(a), b=str(b), t=rng.choice(THINGS))), done(sub_answer(a, b))]
    return [user(_ask(rng, SUB, SUB_HELD, evaluate, a=str(a), b=str(b), m=minus)), done(sub_answer(a, b))]


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
