"""Families that talk: faq, out_of_scope, greeting."""
import re

from letters import done, user
from values import HERE, LAST, dress, draw, expand, held_wording, load_wordings, name, noisy, pseudo, word, wording

DONT_KNOW = "I don't know. I can answer questions about Flotilla, do small sums, work on the letters of a word, write facts as JSON and call tools."


def load_topics():
    topics = {}
    for path in sorted((HERE / "facts").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            mark, rest = line[:2], line[2:]
            if mark == "# ":
                topic = topics.setdefault(rest, {"id": rest, "keys": [], "ask": []})
            elif mark == "A ":
                topic["answer"] = rest
            elif mark == "K ":
                topic["keys"] = [k.strip() for k in rest.split(" | ")]
            elif mark == "Q ":
                topic["ask"].append(rest)
    return list(topics.values())


TOPICS = load_topics()
WORDINGS = load_wordings("talk")
SYNONYMS = [("machine", "computer"), ("computer", "machine"), ("machine", "PC"), ("computer", "laptop"), ("machine", "box"), ("start", "launch"), ("show", "display"), ("see", "view"), ("make", "create"), ("create", "generate"), ("use", "work with"),
            ("Flotilla", "flotilla"), ("Flotilla", "this system"), ("Flotilla", "the system"), ("prompt", "question"), ("prompts", "messages"), ("answer", "reply"), ("command", "subcommand"), ("error", "status"), ("get", "receive"), ("need", "want"),
            ("request", "call"), ("credits", "credit"), ("balance", "account"), ("key", "api key"), ("model", "LLM"), ("node", "worker node"), ("do I", "does one"), ("I", "we"), ("my", "our"), ("me", "us"), ("can I", "may I"), ("How do I", "How to"), ("How can I", "How to"),
            ("What is", "What's"), ("Which", "What"), ("do not", "don't"), ("is", "is actually"), ("What happens", "What will happen"), ("tell", "explain to"), ("run", "execute"), ("find", "get"), ("add", "put"), ("gateway", "Flotilla gateway")]
TAILS = [" in Flotilla", " with Flotilla", " here", " exactly", " again", " in practice", " for Flotilla", " on my machine", " now", " really", " in this network", " in general", " in short", " by the way", " then"]


def vary(rng, text):
    """Other words for the same question, slips of the finger, and tails."""
    if rng.random() < 0.45:
        for old, new in rng.sample(SYNONYMS, 6):
            found = re.search(rf"\b{re.escape(old)}\b", text)
            if found:
                text = text[:found.start()] + new + text[found.end():]
                break
    if rng.random() < 0.12 and text.endswith("?"):
        text = text[:-1] + rng.choice(TAILS) + "?"
    if rng.random() < 0.1:
        words = text.split(" ")
        for _ in range(rng.randint(1, 2)):
            if len(words) > 4:
                del words[rng.randrange(0, len(words) - 1)]
        text = " ".join(words)
    if rng.random() < 0.08:
        i = rng.randrange(len(text) - 1)
        text = text[:i] + rng.choice([text[i + 1] + text[i], text[i + 1], text[i] * 2 + text[i + 1]]) + text[i + 2:]
    if rng.random() < 0.06:
        text = text.lower()
    if rng.random() < 0.06:
        text = text.rstrip("?.!") + rng.choice(["??", "!", " ?", "...", "?!"])
    return text


def varied(rng, lines):
    """A trained wording in other words; never one that is held out."""
    text = wording(rng, lines, False)
    changed = vary(rng, text)
    return text if held_wording(changed) else changed


def faq(rng, evaluate, topic=None):
    topic = topic or rng.choice(TOPICS)
    if evaluate:
        text = dress(rng, wording(rng, topic["ask"], True))
    elif rng.random() < 0.13:
        text = keyed(rng, rng.choice(topic["keys"]))
    else:
        text = dress(rng, varied(rng, topic["ask"]))
    return [user(text), done(topic["answer"])]


def keyed(rng, key):
    """A key phrase in a frame that fits every topic, and so decides nothing; the same frames carry subjects out of scope."""
    if rng.random() < 0.35:
        return noisy(rng, [key])
    text = expand(rng, rng.choice(WORDINGS["frame"])).replace("{k}", key)
    return dress(rng, text[:1].upper() + text[1:] if rng.random() < 0.6 else text)


SUBJECTS = """quantum physics|black holes|the big bang|gravity|photosynthesis|evolution|dinosaurs|the roman empire|ancient egypt|the french revolution|world war two|the cold war|the middle ages|napoleon|julius caesar|cleopatra|shakespeare|mozart|beethoven|picasso|einstein|newton|darwin
the stock market|bitcoin|inflation|taxes|mortgages|insurance|marketing|football|tennis|chess openings|the olympic games|formula one|swimming|yoga|cooking|pasta|bread|chocolate cake|sushi|coffee|wine|cheese|vegetarian food|gardening|roses|tomatoes|bees|cats|dogs|horses|whales|sharks|volcanoes|earthquakes|the ocean|the moon|mars|saturn|the solar system|galaxies|climate change|the rain forest|deserts|rivers
love|happiness|friendship|the meaning of life|philosophy|plato|religion|meditation|dreams|sleep|headaches|vitamins|cancer|the heart|the brain|viruses|a cold|back pain|diets|running shoes|fashion|movies|star wars|harry potter|the beatles|rock music|jazz|guitars|pianos|painting|architecture|bridges|trains|cars|electric cars|airplanes|ships|bicycles|rockets|robots|smartphones|television|the internet|wifi|linux|windows|javascript|python programming|sql|html|recursion|sorting algorithms|machine learning|neural networks|blockchain|video games|minecraft
algebra|geometry|calculus|prime numbers|statistics|chemistry|atoms|water|gold|oil|nuclear power|solar panels|batteries|magnets|light|sound|time travel|aliens|ghosts|dragons|fairy tales|poetry|novels|grammar|latin|french|chinese|travel to japan|hotels in rome|paris|london|new york|africa|australia|antarctica|the amazon|mount everest|the eiffel tower|the great wall|elections|presidents|the king of england|laws|contracts|human rights|schools|universities|jobs|interviews|holidays|christmas|birthdays|weddings|babies|parenting|old age""".replace("\n", "|").split("|")
PEOPLE = ["president", "king", "queen", "inventor", "author", "painter", "founder", "mayor", "captain", "composer", "director", "prime minister"]
def subject(rng, evaluate):
    roll = rng.random()
    if roll < 0.8:
        return draw(rng, lambda: rng.choice(SUBJECTS), evaluate)
    if roll < 0.93:
        return word(rng, evaluate) + rng.choice(["s", "", "", " " + word(rng, evaluate)])
    return pseudo(rng, 2, 3)


def place(rng, evaluate):
    from values import city
    from records import COUNTRIES
    return rng.choice(COUNTRIES) if rng.random() < 0.3 and not evaluate else city(rng, evaluate)


def out_of_scope(rng, evaluate):
    if not evaluate and rng.random() < 0.15:
        return [user(keyed(rng, subject(rng, False))), done(DONT_KNOW)]
    lines = WORDINGS["out_of_scope"]
    text = wording(rng, lines, True) if evaluate else varied(rng, lines)
    person = name(rng, evaluate) + (" " + rng.choice(LAST) if rng.random() < 0.5 else "")
    slots = {"s": subject(rng, evaluate), "r": subject(rng, evaluate), "P": place(rng, evaluate), "C": place(rng, evaluate), "N": person, "w": word(rng, evaluate), "W": word(rng, evaluate).capitalize(),
             "y": str(rng.randint(1200, 2030)), "m": str(rng.randint(2, 99)), "o": str(rng.randint(2, 999)), "x": pseudo(rng, 2, 3), "F": rng.choice(["mother", "friend", "son", "boss", "sister"])}
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    return [user(dress(rng, text)), done(DONT_KNOW)]


HELLO = "Hello! How can I help you?"
WELCOME = "You are welcome!"
BYE = "Goodbye!"
FINE = "I am fine, thank you. How can I help you?"
SMALL = {"hello": HELLO, "welcome": WELCOME, "bye": BYE, "fine": FINE}


def greeting(rng, evaluate):
    section, answer = rng.choice(list(SMALL.items()))
    text = wording(rng, WORDINGS[section], evaluate)
    while "{e}" in text:
        text = text.replace("{e}", rng.choice(["", ".", "!", "!", "!!", " :)", "."]), 1)
    if rng.random() < 0.25:
        text = text.lower()
    return [user(text), done(answer)]
