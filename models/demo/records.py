"""Family `json`: the facts of a short sentence as one JSON object."""
import json

from letters import done, user
from values import ANIMALS, COLORS, DAYS, JOBS, city, draw, dress, expand, full_name, name, noisy, pseudo, word

ITEMS = "lamp teapot chair book bike phone table mug guitar watch bag coat umbrella camera radio clock sofa kettle hammer tent".split()
EVENTS = "concert meeting party wedding lecture match workshop market festival exam picnic rehearsal dinner race".split()
COUNTRIES = "France Spain Italy Japan Brazil Canada Kenya Norway Poland Greece India Chile Egypt Peru Ireland Turkey".split()


def item(rng, evaluate):
    def make():
        roll = rng.random()
        made = rng.choice(ITEMS) if roll < 0.6 else pseudo(rng, 1, 2)
        return rng.choice(COLORS + ["wooden", "old", "small", "steel"]) + " " + made if roll > 0.75 or roll < 0.1 else made
    return draw(rng, make, evaluate)


def title(rng, evaluate):
    words = [word(rng, evaluate).capitalize() for _ in range(rng.randint(1, 3))]
    return ("The " if rng.random() < 0.4 else "") + " ".join(words)


FIELDS = {
    "name": full_name, "city": city, "age": lambda r, e: r.randint(3, 99), "job": lambda r, e: draw(r, lambda: r.choice(JOBS) if r.random() < 0.8 else pseudo(r, 1, 2) + "er", e),
    "item": item, "price": lambda r, e: r.randint(1, 999), "shop": lambda r, e: title(r, e), "quantity": lambda r, e: r.randint(2, 99), "customer": full_name,
    "pet": lambda r, e: draw(r, lambda: r.choice(ANIMALS) if r.random() < 0.8 else pseudo(r, 1, 2), e), "owner": full_name, "color": lambda r, e: r.choice(COLORS),
    "event": lambda r, e: draw(r, lambda: r.choice(EVENTS) if r.random() < 0.8 else pseudo(r, 2, 2), e), "day": lambda r, e: r.choice(DAYS),
    "title": title, "author": full_name, "year": lambda r, e: r.randint(1850, 2026), "from": city, "to": city, "country": lambda r, e: r.choice(COUNTRIES),
    "email": lambda r, e: name(r, e).lower() + "@" + pseudo(r, 1, 2) + r.choice([".com", ".org", ".net"]), "height": lambda r, e: r.randint(140, 205),
}
# (keys, training sentences, held-out sentences)
SCHEMAS = [
    (("name", "age", "city"), [
        "{name} is {age} years old and lives in {city}.", "{name} is {age} and lives in {city}.", "{name}, {age}, lives in {city}.", "{name} lives in {city} and is {age} years old.", "{name} from {city} is {age} years old.",
        "My [friend|neighbor|cousin|aunt|colleague] {name} is {age} and lives in {city}.", "In {city} lives {name}, who is {age} years old.", "{name} is a {age}-year-old from {city}.", "{name}, aged {age}, comes from {city}.", "At {age}, {name} lives in {city}.",
        "I am {name}, I am {age} years old and I live in {city}.", "My name is {name}, I am {age} and I come from {city}.", "{name}, {age}, {city}", "{name} was born in {city} and is now {age}.", "{name} ({age}) lives in {city}."],
        ["{name} turned {age} and has a flat in {city}.", "Meet {name}: {age} years of age, resident of {city}.", "A person called {name}, {age} years old, is at home in {city}."]),
    (("name", "job", "city"), [
        "{name} works as a {job} in {city}.", "{name} is a {job} in {city}.", "{name} is a {job} and lives in {city}.", "In {city}, {name} works as a {job}.", "The {job} {name} lives in {city}.", "{name}, a {job}, lives in {city}.", "{name} has a job as a {job} in {city}.",
        "My [brother|friend|boss] {name} is a {job} from {city}.", "I am {name}, a {job} from {city}.", "{name} lives in {city} and works as a {job}."],
        ["{name} earns a living as a {job} in {city}.", "By trade {name} of {city} is a {job}.", "{city} is where {name} works as a {job}."]),
    (("name", "age"), [
        "{name} is {age} years old.", "{name} is {age}.", "{name} turned {age} [yesterday|today|last week].", "My [son|daughter|dog|teacher|uncle|aunt|sister] {name} is {age} years old.", "{name} is {age} years of age.", "I am {name} and I am {age}.", "{name}, {age} years old", "The age of {name} is {age}."],
        ["{name} has reached the age of {age}.", "{name} just celebrated birthday number {age}."]),
    (("name", "city"), [
        "{name} lives in {city}.", "{name} comes from {city}.", "{name} moved to {city}.", "{name} is from {city}.", "{name} was born in {city}.", "My [friend|cousin] {name} has a house in {city}.", "In {city} lives {name}.", "{name} works in {city}."],
        ["{name} settled down in {city}.", "The home town of {name} is {city}."]),
    (("name", "job"), ["{name} is a {job}.", "{name} works as a {job}.", "The {job} is called {name}.", "My [sister|neighbor] {name} is a {job}.", "{name} became a {job}."], ["{name} took up work as a {job}.", "Our {job} goes by the name of {name}."]),
    (("item", "price"), [
        "The {item} costs {price} [dollars|euros].", "A {item} costs {price} [dollars|euros].", "The price of the {item} is {price} [dollars|euros].", "I paid {price} [dollars|euros] for a {item}.", "You can buy the {item} for {price} [dollars|euros].", "The {item} is {price} [dollars|euros].", "{price} [dollars|euros] for a {item}", "We sell a {item} at {price} [dollars|euros]."],
        ["They ask {price} [dollars|euros] for the {item}.", "The {item} goes for {price} [dollars|euros]."]),
    (("item", "price", "shop"), [
        "The {item} costs {price} [dollars|euros] at {shop}.", "At {shop} a {item} costs {price} [dollars|euros].", "{shop} sells a {item} for {price} [dollars|euros].", "I bought a {item} at {shop} for {price} [dollars|euros].", "You get the {item} for {price} [dollars|euros] at {shop}."],
        ["{shop} has a {item} on offer at {price} [dollars|euros]."]),
    (("customer", "quantity", "item"), [
        "{customer} ordered {quantity} pieces of {item}.", "{customer} orders {quantity} x {item}.", "{customer} wants {quantity} of the {item}.", "An order from {customer}: {quantity} times {item}.", "{customer} bought {quantity} units of {item}."],
        ["Please send {quantity} units of {item} to {customer}.", "{customer} asks for {quantity} times the {item}."]),
    (("name", "pet", "color"), [
        "{name} has a {color} {pet}.", "{name} owns a {color} {pet}.", "The {pet} of {name} is {color}.", "My [friend|neighbor] {name} has a {pet} that is {color}.", "The {color} {pet} belongs to {name}."],
        ["A {color} {pet} is what {name} keeps.", "{name} takes care of a {color} {pet}."]),
    (("event", "day", "city"), [
        "The {event} is on {day} in {city}.", "On {day} there is a {event} in {city}.", "The {event} takes place in {city} on {day}.", "In {city} the {event} is on {day}.", "We go to the {event} in {city} on {day}.", "Come to the {event} on {day} in {city}."],
        ["{city} hosts the {event} on {day}.", "This {day}, {city} has a {event}."]),
    (("title", "author", "year"), [
        "{title} was written by {author} in {year}.", "{author} wrote {title} in {year}.", "The book {title} by {author} appeared in {year}.", "In {year}, {author} published {title}.", "{title} is a book by {author} from {year}."],
        ["{author} is the author of {title}, printed in {year}.", "{year} saw the publication of {title} by {author}."]),
    (("from", "to", "day"), [
        "The train goes from {from} to {to} on {day}.", "On {day} I fly from {from} to {to}.", "A flight from {from} to {to} on {day}", "We travel to {to} from {from} on {day}.", "The bus from {from} to {to} leaves on {day}."],
        ["Leaving {from} on {day}, the coach heads to {to}.", "My trip on {day} takes me from {from} to {to}."]),
    (("name", "email"), ["The address of {name} is {email}.", "{name} has the email {email}.", "Write to {name} at {email}.", "You reach {name} under {email}.", "{name}: {email}"], ["Mail for {name} goes to {email}."]),
    (("name", "height", "country"), ["{name} is {height} cm tall and comes from {country}.", "{name} from {country} is {height} cm tall.", "With {height} cm, {name} plays for {country}."], ["{name} of {country} measures {height} cm."]),
]
DEFAULT = [
    "[Put|Write|Turn|Convert|Make|Extract] the facts [of|in|from] this sentence [as|into|to] [a JSON object|JSON]: {s}", "[Turn|Convert|Put|Transform|Make] this [into|to] [JSON|a JSON object]: {s}", "[JSON|As JSON|To JSON|json|as a JSON object]: {s}",
    "{s} [JSON please.|As JSON.|Give me JSON.|Put that into JSON.|Write this as JSON.|Make it a JSON object.|Answer in JSON.|Return JSON.|Turn that into a JSON object.|Return only JSON.|in json please]", "[Extract|Give me|Return|Show|List] the [facts|data|information] as JSON: {s}",
    "[Can|Could] you [write|put|turn] this [as|into|in] JSON? {s}", "Represent [this|this sentence] as JSON: {s}", 'What is this in JSON? "{s}"', 'Make [JSON|a JSON object] [out of|from] "{s}"', 'Read this sentence and [answer with|write] JSON: "{s}"',
    "I need [this|the facts] as JSON: {s}", "Sentence: {s} [JSON:|Facts as JSON:|Output JSON.]", "Facts as JSON please: {s}", "Parse this: {s} Answer with a JSON object.",
]
DEFAULT_HELD = [
    "Give the content of the following sentence in the form of JSON: {s}", "{s} Please express that in JSON.", "Which JSON object holds these facts? {s}", 'Structure this as JSON: "{s}"', "Kindly encode the facts as a JSON object: {s}",
]
KEYED = [
    "[Extract|Take|Get|Find] {k} [from|in] [this sentence|the sentence|this text] [as JSON|as a JSON object|and write JSON]: {s}", "[Give me|Return|Write|Make] a JSON object with [the keys|] {k}: {s}", "[Give me|Return|Write|Make] JSON with [the keys|] {k} for: {s}",
    "{s} [Give me|Return|Write] JSON with [the keys|] {k}.", "{s} [Put|Write|Return] {k} [in JSON|as JSON|into a JSON object].", "{s} [Return only JSON|JSON only|Answer in JSON] ({k}).", "JSON ({k}): {s}", "As JSON with {k}: {s}", 'Use the keys {k} and turn "{s}" into JSON.',
    'Extract {k} as [JSON|a JSON object] from: "{s}"', 'From "{s}" [extract|take] {k} as JSON.', "Sentence: {s} Keys: {k}. JSON:", "What are {k}? Answer in JSON. {s}", "Keys: {k}\nText: {s}\nJSON:", "Write a JSON object with {k} from this: {s}",
]
KEYED_HELD = [
    "{s} Now list {k} in the form of JSON.", "A JSON object with the fields {k} is wanted for: {s}", 'Read "{s}" and fill {k} into a JSON object.', "Pick {k} out of the following and answer with JSON: {s}", "The fields are {k}. The sentence is: {s} Reply with JSON.",
]


def key_list(rng, keys):
    shown = [f'"{k}"' for k in keys] if rng.random() < 0.15 else list(keys)
    if len(shown) == 1:
        return shown[0]
    if rng.random() < 0.3:
        return ", ".join(shown)
    return ", ".join(shown[:-1]) + " and " + shown[-1]


def record(rng, evaluate):
    keys, train, unseen = rng.choice(SCHEMAS)
    sentence = expand(rng, rng.choice(unseen if evaluate else train))
    facts = {}
    for key in keys:
        facts[key] = FIELDS[key](rng, evaluate)
        sentence = sentence.replace("{" + key + "}", str(facts[key]))
    return facts, sentence


def extract(rng, evaluate):
    facts, sentence = record(rng, evaluate)
    keys = list(facts)
    if rng.random() < 0.5:
        text = expand(rng, rng.choice(DEFAULT_HELD if evaluate else DEFAULT))
    else:
        if rng.random() < 0.35:
            keys = rng.sample(keys, rng.randint(1, len(keys)))
        text = expand(rng, rng.choice(KEYED_HELD if evaluate else KEYED)).replace("{k}", key_list(rng, keys))
    if not evaluate and rng.random() < 0.35:
        sign = noisy(rng, ["JSON"] + ([key_list(rng, keys)] if "{k}" not in text and keys != list(facts) or rng.random() < 0.4 else [])).rstrip("?.")
        text = sign + ": {s}" if rng.random() < 0.5 else "{s} " + sign + "."
        if not all(k in sign for k in keys):
            keys = list(facts)
    if rng.random() < 0.1 and '"' not in text:
        sentence = sentence.rstrip(".")
    at = text.index("{s}")
    if at > 0 and rng.random() < 0.3:
        text = dress(rng, text[:at].rstrip(), evaluate).rstrip(".") + " {s}" if text.endswith("{s}") else text
    text = text.replace("{s}", sentence)
    return [user(text), done(json.dumps({k: facts[k] for k in keys}, ensure_ascii=False))]
