"""Family `json`: the facts of a short sentence as one JSON object."""
import json

from letters import done, user
from values import ANIMALS, COLORS, DAYS, JOBS, city, draw, dress, full_name, load_wordings, name, noisy, pseudo, widened, word, wording

ITEMS = "lamp teapot chair book bike phone table mug guitar watch bag coat umbrella camera radio clock sofa kettle hammer tent".split()
EVENTS = "concert meeting party wedding lecture match workshop market festival exam picnic rehearsal dinner race".split()
COUNTRIES = "France Spain Italy Japan Brazil Canada Kenya Norway Poland Greece India Chile Egypt Peru Ireland Turkey".split()


def item(rng, evaluate):
    def make():
        roll = rng.random()
        made = widened(rng, ITEMS, evaluate) if roll < 0.6 else pseudo(rng, 1, 2)
        return rng.choice(COLORS + ["wooden", "old", "small", "steel"]) + " " + made if roll > 0.75 or roll < 0.1 else made
    return draw(rng, make, evaluate)


def title(rng, evaluate):
    words = [word(rng, evaluate).capitalize() for _ in range(rng.randint(1, 3))]
    return ("The " if rng.random() < 0.4 else "") + " ".join(words)


FIELDS = {
    "name": full_name, "city": city, "age": lambda r, e: r.randint(3, 99), "job": lambda r, e: draw(r, lambda: widened(r, JOBS, e) if r.random() < 0.8 else pseudo(r, 1, 2) + "er", e),
    "item": item, "price": lambda r, e: r.randint(1, 999), "shop": lambda r, e: title(r, e), "quantity": lambda r, e: r.randint(2, 99), "customer": full_name,
    "pet": lambda r, e: draw(r, lambda: widened(r, ANIMALS, e) if r.random() < 0.8 else pseudo(r, 1, 2), e), "owner": full_name, "color": lambda r, e: r.choice(COLORS),
    "event": lambda r, e: draw(r, lambda: widened(r, EVENTS, e) if r.random() < 0.8 else pseudo(r, 2, 2), e), "day": lambda r, e: r.choice(DAYS),
    "title": title, "author": full_name, "year": lambda r, e: r.randint(1850, 2026), "from": city, "to": city, "country": lambda r, e: r.choice(COUNTRIES),
    "email": lambda r, e: name(r, e).lower() + "@" + pseudo(r, 1, 2) + r.choice([".com", ".org", ".net"]), "height": lambda r, e: r.randint(140, 205),
}
WORDINGS = load_wordings("records")
SCHEMAS = {section: section.split(" ")[1:] for section in WORDINGS if section.startswith("sentence ")}


def key_list(rng, keys):
    shown = [f'"{k}"' for k in keys] if rng.random() < 0.15 else list(keys)
    if len(shown) == 1:
        return shown[0]
    if rng.random() < 0.3:
        return ", ".join(shown)
    return ", ".join(shown[:-1]) + " and " + shown[-1]


def record(rng, evaluate):
    section, keys = rng.choice(list(SCHEMAS.items()))
    sentence = wording(rng, WORDINGS[section], evaluate)
    facts = {}
    for key in keys:
        facts[key] = FIELDS[key](rng, evaluate)
        sentence = sentence.replace("{" + key + "}", str(facts[key]))
    return facts, sentence


def extract(rng, evaluate):
    facts, sentence = record(rng, evaluate)
    keys = list(facts)
    if rng.random() < (0.5 if evaluate else 0.4):
        text = wording(rng, WORDINGS["all"], evaluate)
    else:
        if rng.random() < (0.35 if evaluate else 0.75):
            keys = rng.sample(keys, rng.randint(1, len(keys)))
        text = wording(rng, WORDINGS["some"], evaluate).replace("{k}", key_list(rng, keys))
    if not evaluate and rng.random() < 0.2:
        sign = noisy(rng, ["JSON"] + ([key_list(rng, keys)] if "{k}" not in text and keys != list(facts) or rng.random() < 0.4 else [])).rstrip("?.")
        text = sign + ": {s}" if rng.random() < 0.5 else "{s} " + sign + "."
        if not all(k in sign for k in keys):
            keys = list(facts)
    if rng.random() < 0.1 and '"' not in text:
        sentence = sentence.rstrip(".")
    at = text.index("{s}")
    if at > 0 and rng.random() < 0.3:
        text = dress(rng, text[:at].rstrip()).rstrip(".") + " {s}" if text.endswith("{s}") else text
    text = text.replace("{s}", sentence)
    return [user(text), done(json.dumps({k: facts[k] for k in keys}, ensure_ascii=False))]
