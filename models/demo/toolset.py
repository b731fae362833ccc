"""Tools that prompts offer: known ones with many names, and made-up ones whose names are new in every example."""
from values import BEGINNINGS, begun, city, draw, expand, load_wordings, name, noisy, pseudo, widened, word, wording

LANGUAGES = "Italian Spanish German French Dutch Polish Greek Turkish Japanese Korean Hindi Swedish Danish Finnish Czech Portuguese".split()
ROOMS = "kitchen bedroom bathroom office hall garage garden cellar attic study".split()


def query(rng, evaluate):
    """A short noun phrase, as one would search for it."""
    return " ".join(word(rng, evaluate) for _ in range(rng.randint(1, 3)))


def code(rng, evaluate):
    def make():
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(3, 6)))
        return digits if rng.random() < 0.6 else "".join(rng.choice("ABCDEFGHKLMNPRSTX") for _ in range(rng.randint(1, 3))) + rng.choice(["-", ""]) + digits
    return draw(rng, make, evaluate)


def symbol(rng, evaluate):
    return draw(rng, lambda: "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(2, 5))), evaluate)


def email(rng, evaluate):
    return f"{name(rng, evaluate).lower()}@{pseudo(rng, 1, 2)}.{rng.choice(['com', 'org', 'net', 'de'])}"


def number(rng, evaluate):
    return rng.randint(1, 120)


MAKERS = {"city": city, "query": query, "code": code, "symbol": symbol, "email": email, "name": name, "word": word, "number": number,
          "language": lambda r, e: r.choice(LANGUAGES), "room": lambda r, e: r.choice(ROOMS), "state": lambda r, e: r.choice(["on", "off"])}

WORDINGS = load_wordings("tools")
# names, of which the first names the requests in wordings/tools.txt | descriptions | parameters (names, kind, descriptions)
KNOWN = [
    (["get_weather", "weather", "get_current_weather", "current_weather", "weather_lookup", "getWeather", "fetch_weather", "weather_now", "forecast"],
     ["Get the current weather in a [city|given location|place].", "Get the weather for a [city|location].", "Returns the current weather.", "Look up the weather.", "Weather forecast for a city"],
     [(["city", "location", "place", "town"], "city", ["The city", "The city, e.g. Rome", "Name of the city", "The city and state, e.g. San Jose, CA", "City name"])]),
    (["calculator", "calculate", "calc", "math", "eval_expression", "compute", "evaluate"],
     ["Evaluate an arithmetic expression.", "Calculate the value of an expression.", "A calculator.", "Compute a mathematical expression.", "Do arithmetic"],
     [(["expression", "expr", "formula", "input"], "expression", ["The expression", "An arithmetic expression, e.g. 2*3", "The expression to evaluate", "What to calculate"])]),
    (["web_search", "search", "google", "search_web", "internet_search", "searchWeb", "find_online"],
     ["Search the [web|internet].", "Search the web for [information|a query].", "Find [pages|information] on the internet", "Web search."],
     [(["query", "q", "search_query", "text", "terms"], "query", ["The search query", "What to search for", "Search terms", "The query"])]),
    (["translate", "translate_text", "translator", "translation", "translateText"],
     ["Translate a text [into another language|].", "Translates text.", "Translate words into a language"],
     [(["text", "phrase", "input", "source"], "query", ["The text", "Text to translate", "What to translate"]), (["language", "target", "to", "target_language"], "language", ["The language", "Target language", "The language to translate into"])]),
    (["send_email", "email", "send_mail", "sendEmail", "mail"],
     ["Send an email.", "Send an email to [someone|an address].", "Sends a mail"],
     [(["to", "recipient", "address"], "email", ["The address", "Address of the recipient", "Who gets it"]), (["subject", "title", "about"], "query", ["The subject", "Subject line"])]),
    (["get_stock_price", "stock_price", "stock", "quote", "getStockPrice", "share_price"],
     ["Get the [current|latest] price of a stock.", "Look up a stock price.", "Stock quotes"],
     [(["symbol", "ticker", "stock"], "symbol", ["Ticker symbol", "The ticker, e.g. ABC", "The stock symbol"])]),
    (["set_timer", "timer", "start_timer", "countdown", "setTimer"],
     ["Start a timer.", "Set a timer for a number of minutes.", "Starts a countdown"],
     [(["minutes", "duration", "mins", "duration_minutes"], "number", ["Minutes", "Number of minutes", "Duration in minutes"])]),
    (["lookup_order", "get_order", "order_status", "track_order", "orderStatus", "find_order"],
     ["Find an order by its number.", "Get the status of an order.", "Track an order"],
     [(["order_id", "order", "id", "order_number"], "code", ["The order number", "Number of the order", "Order id"])]),
    (["get_time", "current_time", "clock", "time_in", "world_clock"],
     ["Get the current time in a city.", "What time is it in a place.", "World clock"],
     [(["city", "place", "location", "timezone"], "city", ["The city", "Name of the place", "City name"])]),
    (["switch_light", "light", "set_light", "toggle_light", "lights"],
     ["Switch a light on or off.", "Turn the light in a room on or off.", "Controls lights"],
     [(["room", "where", "location"], "room", ["The room", "Name of the room"]), (["state", "value", "power"], "state", ["on or off", "The new state"])]),
    (["call_contact", "phone", "call", "dial", "callPerson"],
     ["Call a person.", "Call someone on the phone.", "Start a phone call"],
     [(["name", "person", "contact"], "name", ["The person", "Who to call", "Name of the contact"])]),
    (["play_song", "play_music", "play", "music_player", "playSong"],
     ["Play a song.", "Play music.", "Plays a song by its title"],
     [(["title", "song", "track", "name"], "query", ["The title", "Title of the song", "What to play"])]),
    (["get_news", "news", "headlines", "latest_news"],
     ["Get the latest news on a topic.", "News headlines", "Find news about a topic."],
     [(["topic", "subject", "about"], "query", ["The topic", "Topic of the news"])]),
    (["book_table", "reserve_table", "restaurant_booking", "reserve"],
     ["Book a table in a restaurant.", "Reserve a table."],
     [(["restaurant", "place", "name"], "query", ["The restaurant", "Name of the restaurant"]), (["people", "guests", "persons", "seats"], "number", ["Number of people", "How many guests"])]),
]

NOUNS = """altitude price owner population depth color weight height age speed temperature address author status rating balance length width
capacity pressure humidity score salary birthday manager title version level distance duration origin material brand stock quantity
voltage fuel battery license route schedule menu recipe meaning definition origin voltage signal volume density grade rank phone email
value cost size power range name history diameter area budget deadline location strength brightness flavor
acidity mileage tonnage salinity elevation occupancy turnover wingspan calories expiry horsepower latitude""".split()
THINGS = """mountain product house lake river book car ship tree planet star user team country island bridge building song movie game server
file project room garden animal bird fish plant stone road train plane hotel restaurant school student teacher employee customer machine
robot engine sensor tank ticket parcel package invoice account device printer router station tower castle museum statue painting dish
drink fruit recipe word company factory farm horse dog player tool module probe drone boat city village
reservoir orchestra satellite vineyard tractor archive aquarium turbine glacier notebook locomotive beehive""".split()
VERBS = "paint open close lock unlock start stop pause reset delete archive clean polish repair charge refill scan print wrap launch park water feed mute ping sync backup rotate fold measure inspect freeze melt approve reject cancel activate varnish hoist inflate deflate quarantine sharpen defrost calibrate irrigate vaccinate barricade laminate".split()


def tool(title, description, properties, rng, required=None):
    function = {"name": title}
    if description:
        function["description"] = description
    schema = {"type": "object", "properties": properties, "required": required or list(properties)}
    if rng.random() < 0.1:
        schema["additionalProperties"] = False
    elif rng.random() < 0.1:
        del schema["required"]
    function["parameters"] = schema
    return {"type": "function", "function": function}


def prop(rng, kind, descriptions):
    out = {"type": rng.choice(["integer", "integer", "number"]) if kind == "number" else "string"}
    if descriptions and rng.random() < 0.6:
        out["description"] = rng.choice(descriptions)
    if kind == "state" and rng.random() < 0.5:
        out["enum"] = ["on", "off"]
    return out


def expression(rng):
    """(as the user writes it, as the argument must be)"""
    a, b = rng.randint(2, 999), rng.randint(2, 99)
    roll = rng.random()
    if roll < 0.25:
        spoken, sign = rng.choice([("times", "*"), ("plus", "+"), ("minus", "-"), ("divided by", "/"), ("multiplied by", "*")])
        return f"{a} {spoken} {b}", f"{a} {sign} {b}"
    sign = rng.choice("*+-/*")
    gap = rng.choice(["", " "])
    text = f"{a}{gap}{sign}{gap}{b}"
    if roll > 0.85:
        text = f"({text}){gap}{rng.choice('*+-')}{gap}{rng.randint(2, 50)}"
    return text, text


def known(rng, evaluate):
    """(tool, ask) for one of the known tools; `ask()` makes a request and the arguments that it needs."""
    names, descriptions, params = rng.choice(KNOWN)
    keys = [rng.choice(choices) for choices, _, _ in params]
    properties = {key: prop(rng, kind, texts) for key, (_, kind, texts) in zip(keys, params)}

    def ask():
        request, arguments = wording(rng, WORDINGS[names[0]], evaluate), {}
        for i, (key, (_, kind, _)) in enumerate(zip(keys, params)):
            if kind == "expression":
                shown, value = expression(rng)
            else:
                value = MAKERS[kind](rng, evaluate)
                shown = str(value)
            request = request.replace("{%d}" % i, shown)
            arguments[key] = value
        return request, arguments

    title = rng.choice(names) if rng.random() < 0.8 else restyle(rng, rng.choice(names))
    return tool(title, expand(rng, rng.choice(descriptions)) if rng.random() < 0.93 else "", properties, rng), ask


def restyle(rng, title):
    return rng.choice(["my_", "do_", "api_", "tool_", "v2_", "x_", ""]) + title + rng.choice(["_v2", "_api", "_tool", "2", "_now", ""])


def made_up_name(rng, first, second, evaluate):
    first, second = first.replace(" ", "_"), second.replace(" ", "_")
    if not evaluate and rng.random() < 0.15:
        # Words joined by capitals are other tokens than the words of the request, so training sees more of them.
        return rng.choice(["get{1}{0}", "{2}{1}", "{3}{0}", "do{0}{1}", "{1}{0}"]).format(first.capitalize(), second.capitalize(), first, second)
    roll = rng.random()
    if roll < 0.2:
        return f"get_{second}_{first}"
    if roll < 0.35:
        return f"{second}_{first}"
    if roll < 0.45:
        return f"{first}_of_{second}"
    if roll < 0.55:
        return f"get{second.capitalize()}{first.capitalize()}"
    if roll < 0.62:
        return f"{second}-{first}"
    if roll < 0.70:
        return f"fetch-{first}"
    if roll < 0.85:
        return pseudo(rng, 2, 3)
    return pseudo(rng, 1, 2) + "_" + rng.choice([first, second, pseudo(rng, 1, 2), str(rng.randint(1, 99))])


def text_value(rng, evaluate):
    return rng.choices([name, word, city, code, query], [30, 20, 15, 20, 15])[0](rng, evaluate)


def subject_word(rng, kinds, evaluate):
    """One of `kinds`; in training often a word that begins as a one-token word does, lest only the trained words choose a tool."""
    if not evaluate and BEGINNINGS[False] and rng.random() < 0.2:
        return begun(rng, rng.random() < 0.3).lower()
    return widened(rng, kinds, evaluate)


def made_up(rng, evaluate, thing=None):
    """(tool, ask): what the tool does is said by its description; its name may say nothing. `ask.noun` and `ask.thing`: the property or action, and of what."""
    thing = thing or draw(rng, lambda: subject_word(rng, THINGS, evaluate), evaluate)
    reads = rng.random() < 0.65
    if reads:
        noun = draw(rng, lambda: subject_word(rng, NOUNS, evaluate), evaluate)
        description = rng.choice(["Get the {n} of a {t}", "Returns the {n} of a {t}", "Look up the {n} of a {t}", "Read the {n} of a {t}", "Find the {n} of the {t}", "The {n} of a {t}", "Fetch {n} for a {t}", "{t} {n} lookup"])
        title = made_up_name(rng, noun, thing, evaluate)
    else:
        noun = draw(rng, lambda: subject_word(rng, VERBS, evaluate), evaluate)
        description = rng.choice(["{n} a {t}", "Will {n} the {t}", "Use this to {n} a {t}", "{n} the given {t}", "Lets you {n} a {t}"])
        title = made_up_name(rng, noun, thing, evaluate) if rng.random() < 0.5 else rng.choice([noun, f"{noun}_{thing}", f"{noun}{thing.capitalize()}"])
    description = description.replace("{n}", noun).replace("{t}", thing)
    description = description[:1].upper() + description[1:] + rng.choice([".", "", "."])
    key = rng.choice([thing, thing, "name", "id", thing + "_name", thing + "_id", "target", "input", "which"])
    if rng.random() < 0.2:
        key = pseudo(rng, 1, 2)
    kind = "integer" if rng.random() < 0.1 else "string"
    properties = {key: {"type": kind}}
    if rng.random() < 0.5:
        properties[key]["description"] = rng.choice([f"The {thing}", f"Name of the {thing}", f"Which {thing}"])

    def ask():
        request = wording(rng, WORDINGS["read" if reads else "act"], evaluate)
        if not evaluate and rng.random() < 0.35:
            request = noisy(rng, ["{n}", rng.choice(["{v}", "the {t} {v}"])])
        value = rng.randint(1, 999) if kind == "integer" else text_value(rng, evaluate)
        shown = str(value) if rng.random() < 0.85 else f'"{value}"'
        for slot, text in (("n", noun), ("t", thing), ("b", noun), ("V", noun.capitalize()), ("v", shown)):
            request = request.replace("{" + slot + "}", text)
        return request, {key: value}

    ask.noun, ask.thing = noun, thing
    return tool(title, description, properties, rng), ask


def ambiguous(request, ask, asks):
    """Whether a request for the tool of `ask` could as well mean another of `asks`: the same property or action, of a thing that it does not name."""
    rivals = [a for a in asks if a is not ask and getattr(a, "noun", "") == getattr(ask, "noun", None)]
    return any(a.thing == ask.thing or ask.thing not in request.lower() for a in rivals)
