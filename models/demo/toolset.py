"""Tools that prompts offer: known ones with many names, and made-up ones whose names are new in every example."""
from values import city, draw, expand, name, noisy, pseudo, word

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

# names | descriptions | parameters (names, kind, descriptions) | training requests | held-out requests
KNOWN = [
    (["get_weather", "weather", "get_current_weather", "current_weather", "weather_lookup", "getWeather", "fetch_weather", "weather_now", "forecast"],
     ["Get the current weather in a [city|given location|place].", "Get the weather for a [city|location].", "Returns the current weather.", "Look up the weather.", "Weather forecast for a city"],
     [(["city", "location", "place", "town"], "city", ["The city", "The city, e.g. Rome", "Name of the city", "The city and state, e.g. San Jose, CA", "City name"])],
     ["[What is|What's|How is|How's] the weather [like|] in {0} [today|now|right now|]?", "Weather in {0}", "[Is it|Will it be] [raining|sunny|cold|warm|windy|snowing] in {0} [today|now|]?", "[Tell|Give] me the weather [in|for] {0}.", "I [travel|go|fly] to {0}. What is the weather like there?",
      "How [warm|cold|hot] is it in {0}?", "What is the temperature in {0}?", "weather {0}", "Do I need [a coat|a jacket|sunglasses|boots] in {0}?", "Check the weather [in|for] {0} [for me|].", "Is {0} [rainy|sunny|cold] [today|now]?", "What weather does {0} have?", "Does it [rain|snow] in {0}?", "I am in {0}. What's the weather?", "forecast for {0}"],
     ["Could you find out what the weather in {0} is?", "Any idea about the weather over in {0}?", "I'd like a weather report for {0}.", "Shall I expect rain in {0}?"]),
    (["calculator", "calculate", "calc", "math", "eval_expression", "compute", "evaluate"],
     ["Evaluate an arithmetic expression.", "Calculate the value of an expression.", "A calculator.", "Compute a mathematical expression.", "Do arithmetic"],
     [(["expression", "expr", "formula", "input"], "expression", ["The expression", "An arithmetic expression, e.g. 2*3", "The expression to evaluate", "What to calculate"])],
     ["[What is|What's|Calculate|Compute|How much is|Work out] {0}?", "{0}", "{0} = ?", "Use the calculator [for|to get|]: {0}", "[Calculate|Compute|Evaluate] {0} [with the calculator|with the tool|please|].", "I need {0} [calculated|].", "calculate {0}", "Please calculate {0}.", "Can you compute {0}?"],
     ["What would {0} come to?", "Let the calculator work on {0}.", "Find the value of {0}.", "Run this through the calculator: {0}"]),
    (["web_search", "search", "google", "search_web", "internet_search", "searchWeb", "find_online"],
     ["Search the [web|internet].", "Search the web for [information|a query].", "Find [pages|information] on the internet", "Web search."],
     [(["query", "q", "search_query", "text", "terms"], "query", ["The search query", "What to search for", "Search terms", "The query"])],
     ["Search [the web|the internet|online|] for {0}.", "[Look up|Google|Find] {0} [online|on the web|on the internet|].", "Look up {0}.", "search: {0}", "Find [pages|websites|information|something|news] [about|on] {0}.", "Please search for {0}.", "Can you [search|look|google] for {0}?", "Do a web search for {0}.", "What does the [internet|web] say about {0}?",
      "I want to [read|know more|learn] about {0}. Search the web.", "Search {0}"],
     ["See what you can find on the web about {0}.", "Let's do an online search: {0}", "Are there pages about {0} on the internet?"]),
    (["translate", "translate_text", "translator", "translation", "translateText"],
     ["Translate a text [into another language|].", "Translates text.", "Translate words into a language"],
     [(["text", "phrase", "input", "source"], "query", ["The text", "Text to translate", "What to translate"]), (["language", "target", "to", "target_language"], "language", ["The language", "Target language", "The language to translate into"])],
     ["Translate {0} [into|to] {1}.", 'Translate "{0}" [into|to] {1}.', 'How do you say "{0}" in {1}?', "How do you say {0} in {1}?", 'What is "{0}" in {1}?', "What is {1} for {0}?", "[Say|Write] {0} in {1}.", "I need {0} in {1}.", "{0} in {1}, please [translate|]", "translate to {1}: {0}", "Give me the {1} translation of {0}."],
     ["Please put {0} into {1}.", 'Which {1} words mean "{0}"?', "Let me have {0} translated to {1}."]),
    (["send_email", "email", "send_mail", "sendEmail", "mail"],
     ["Send an email.", "Send an email to [someone|an address].", "Sends a mail"],
     [(["to", "recipient", "address"], "email", ["The address", "Address of the recipient", "Who gets it"]), (["subject", "title", "about"], "query", ["The subject", "Subject line"])],
     ["[Send|Write] an email to {0} [with the subject|with subject|about] {1}.", "Email {0} about {1}.", "Mail {0} with the subject {1}.", "Send {0} a mail about {1}.", 'Send a mail to {0}, subject "{1}".', "Write to {0} about {1}.", "Please email {0} [regarding|about] {1}."],
     ["Drop {0} a message on {1}.", "Get an email off to {0} on the subject of {1}."]),
    (["get_stock_price", "stock_price", "stock", "quote", "getStockPrice", "share_price"],
     ["Get the [current|latest] price of a stock.", "Look up a stock price.", "Stock quotes"],
     [(["symbol", "ticker", "stock"], "symbol", ["Ticker symbol", "The ticker, e.g. ABC", "The stock symbol"])],
     ["What is the [stock price|share price|price] of {0}?", "How is {0} [doing|trading] [on the stock market|today|]?", "[Stock|Share] price of {0}", "How much is [a share|one share|stock] of {0}?", "Get me the [stock price|quote] [of|for] {0}.", "What does {0} stock cost?", "quote {0}", "Price of {0} shares?"],
     ["Where do {0} shares stand?", "Find the current quotation of {0}."]),
    (["set_timer", "timer", "start_timer", "countdown", "setTimer"],
     ["Start a timer.", "Set a timer for a number of minutes.", "Starts a countdown"],
     [(["minutes", "duration", "mins", "duration_minutes"], "number", ["Minutes", "Number of minutes", "Duration in minutes"])],
     ["Set a timer for {0} minutes.", "Start a timer of {0} minutes.", "timer {0} minutes", "[Wake|Remind|Call] me [in|after] {0} minutes.", "Count down {0} minutes.", "I need a {0} minute timer.", "{0} minutes timer please", "Tell me when {0} minutes are over.", "Please set a timer: {0} minutes"],
     ["Let me know once {0} minutes have passed.", "Run a countdown of {0} minutes."]),
    (["lookup_order", "get_order", "order_status", "track_order", "orderStatus", "find_order"],
     ["Find an order by its number.", "Get the status of an order.", "Track an order"],
     [(["order_id", "order", "id", "order_number"], "code", ["The order number", "Number of the order", "Order id"])],
     ["Where is [my|the] order {0}?", "What is the status of [my|] order {0}?", "Track order {0}.", "Has order {0} [arrived|shipped|left] [yet|]?", "[Find|Check|Look up] order {0}.", "My order number is {0}. Where is it?", "order {0}", "I want to know about order {0}.", "When does order {0} arrive?", "Any news on order {0}?"],
     ["How far along is order {0}?", "I am still waiting for order {0}. What is up with it?"]),
    (["get_time", "current_time", "clock", "time_in", "world_clock"],
     ["Get the current time in a city.", "What time is it in a place.", "World clock"],
     [(["city", "place", "location", "timezone"], "city", ["The city", "Name of the place", "City name"])],
     ["What time is it in {0}?", "What is the time in {0}?", "Time in {0}", "Tell me the [time|current time] in {0}.", "How late is it in {0}?", "Is it [night|day|morning] in {0}?", "What does the clock say in {0}?", "current time {0}", "Give me the time for {0}."],
     ["Which hour is it now over in {0}?", "I must call {0}. What's the time there?"]),
    (["switch_light", "light", "set_light", "toggle_light", "lights"],
     ["Switch a light on or off.", "Turn the light in a room on or off.", "Controls lights"],
     [(["room", "where", "location"], "room", ["The room", "Name of the room"]), (["state", "value", "power"], "state", ["on or off", "The new state"])],
     ["[Turn|Switch] {1} the light in the {0}.", "[Turn|Switch] the {0} light {1}.", "{0} light {1}", "Light {1} in the {0}, please.", "Please [turn|switch] the light {1} in the {0}.", "The light in the {0} should be {1}.", "I want the {0} light {1}."],
     ["Make sure the {0} light is {1}.", "Could the light in the {0} go {1}?"]),
    (["call_contact", "phone", "call", "dial", "callPerson"],
     ["Call a person.", "Call someone on the phone.", "Start a phone call"],
     [(["name", "person", "contact"], "name", ["The person", "Who to call", "Name of the contact"])],
     ["Call {0}.", "[Phone|Ring|Dial] {0}.", "I want to [talk|speak] to {0}.", "Please call {0} [for me|].", "Give {0} a call.", "Start a call with {0}.", "Can you call {0}?", "call {0} now"],
     ["Get {0} on the line.", "Put me through to {0}."]),
    (["play_song", "play_music", "play", "music_player", "playSong"],
     ["Play a song.", "Play music.", "Plays a song by its title"],
     [(["title", "song", "track", "name"], "query", ["The title", "Title of the song", "What to play"])],
     ["Play {0}.", "Play the song {0}.", "I want to hear {0}.", "Put on {0}.", "Please play {0} [for me|].", "Start the song {0}.", 'Play "{0}".', "Can you play {0}?", "music: {0}"],
     ["Let's listen to {0}.", "Some music: {0}, if you can."]),
    (["get_news", "news", "headlines", "latest_news"],
     ["Get the latest news on a topic.", "News headlines", "Find news about a topic."],
     [(["topic", "subject", "about"], "query", ["The topic", "Topic of the news"])],
     ["What is the news [about|on] {0}?", "News [about|on] {0}", "Give me the [latest|] news on {0}.", "[Any|Is there] news about {0}?", "Show headlines about {0}.", "What happened with {0} lately?"],
     ["What are the papers saying about {0}?", "Bring me up to date on {0} in the news."]),
    (["book_table", "reserve_table", "restaurant_booking", "reserve"],
     ["Book a table in a restaurant.", "Reserve a table."],
     [(["restaurant", "place", "name"], "query", ["The restaurant", "Name of the restaurant"]), (["people", "guests", "persons", "seats"], "number", ["Number of people", "How many guests"])],
     ["Book a table at {0} for {1} [people|persons].", "Reserve a table for {1} at {0}.", "I need a table for {1} [people|guests|] at {0}.", "We are {1} people and want to eat at {0}. Book a table.", "table at {0}, {1} people", "Please reserve {1} seats at {0}."],
     ["{1} of us would like to dine at {0}; please reserve.", "Get us a table at {0}, party of {1}."]),
]

NOUNS = """altitude price owner population depth color weight height age speed temperature address author status rating balance length width
capacity pressure humidity score salary birthday manager title version level distance duration origin material brand stock quantity
voltage fuel battery license route schedule menu recipe meaning definition origin voltage signal volume density grade rank phone email
value cost size power range name history diameter area budget deadline location strength brightness flavor""".split()
THINGS = """mountain product house lake river book car ship tree planet star user team country island bridge building song movie game server
file project room garden animal bird fish plant stone road train plane hotel restaurant school student teacher employee customer machine
robot engine sensor tank ticket parcel package invoice account device printer router station tower castle museum statue painting dish
drink fruit recipe word company factory farm horse dog player tool module probe drone boat city village""".split()
VERBS = "paint open close lock unlock start stop pause reset delete archive clean polish repair charge refill scan print wrap launch park water feed mute ping sync backup rotate fold measure inspect freeze melt approve reject cancel activate".split()
UNSEEN_NOUNS = "acidity mileage tonnage salinity elevation occupancy turnover wingspan calories expiry horsepower latitude".split()
UNSEEN_THINGS = "reservoir orchestra satellite vineyard tractor archive aquarium turbine glacier notebook locomotive beehive".split()
UNSEEN_VERBS = "varnish hoist inflate deflate quarantine sharpen defrost calibrate irrigate vaccinate barricade laminate".split()


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


def known(rng, evaluate, which=None):
    """(tool, ask) for one of the known tools; `ask()` makes a request and the arguments that it needs."""
    names, descriptions, params, asks, unseen = which or rng.choice(KNOWN)
    keys = [rng.choice(choices) for choices, _, _ in params]
    properties = {key: prop(rng, kind, texts) for key, (_, kind, texts) in zip(keys, params)}

    def ask():
        request, arguments = expand(rng, rng.choice(unseen if evaluate else asks)), {}
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


def made_up_name(rng, first, second):
    first, second = first.replace(" ", "_"), second.replace(" ", "_")
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


GET_ASK = [
    "[What is|What's] the {n} of [the {t}|] {v}?", "[Get|Give me|Tell me|Find|Look up|Show me|Check|Fetch] the {n} of [the {t}|] {v}.", "What {n} does [the {t}|] {v} have?", "{n} of {v}", "I need the {n} of [the {t}|] {v}.", "[The {t} is called {v}.|It is about {v}.] What is its {n}?",
    "Can you [tell me|find|get|look up] the {n} of [the {t}|] {v}?", "Do you know the {n} of [the {t}|] {v}?", "What about the {n} of [the {t}|] {v}?", "Which {n} has [the {t}|] {v}?", "How is the {n} of [the {t}|] {v}?", "Please [read|report|check] the {n} of [the {t}|] {v}.", "How much {n} [does|has] [the {t}|] {v} [have|got|]?", "{v}: {n}?",
]
GET_HELD = ["Let me know the {n} of [the {t}|] {v}.", "I am curious about the {n} of [the {t}|] {v}.", "Would you retrieve the {n} of [the {t}|] {v}?", "Of [the {t}|] {v} I would like the {n}."]
DO_ASK = ["{V} [the {t}|] {v}.", "Please {b} [the {t}|] {v}.", "[Can|Could|Will] you {b} [the {t}|] {v} [for me|please|]?", "I want [you|] to {b} [the {t}|] {v}.", "{b} {v}", "[The {t}|] {v} [must|should] be {b}ed. Do it.", "Go and {b} [the {t}|] {v}.", "It is time to {b} [the {t}|] {v}.", "We have to {b} [the {t}|] {v} now."]
DO_HELD = ["Would you kindly {b} [the {t}|] {v}?", "I'd be glad if you could {b} [the {t}|] {v}.", "Let's {b} [the {t}|] {v}."]


def text_value(rng, evaluate):
    return rng.choices([name, word, city, code, query], [30, 20, 15, 20, 15])[0](rng, evaluate)


def made_up(rng, evaluate):
    """(tool, ask): what the tool does is said by its description; its name may say nothing."""
    thing = rng.choice(UNSEEN_THINGS if evaluate else THINGS)
    reads = rng.random() < 0.65
    if reads:
        noun = rng.choice(UNSEEN_NOUNS if evaluate else NOUNS)
        if not evaluate and rng.random() < 0.2:
            noun = word(rng, False)
        description = rng.choice(["Get the {n} of a {t}", "Returns the {n} of a {t}", "Look up the {n} of a {t}", "Read the {n} of a {t}", "Find the {n} of the {t}", "The {n} of a {t}", "Fetch {n} for a {t}", "{t} {n} lookup"])
        title = made_up_name(rng, noun, thing)
    else:
        noun = rng.choice(UNSEEN_VERBS if evaluate else VERBS)
        if not evaluate and rng.random() < 0.3:
            noun = pseudo(rng, 2, 3)
        description = rng.choice(["{n} a {t}", "Will {n} the {t}", "Use this to {n} a {t}", "{n} the given {t}", "Lets you {n} a {t}"])
        title = made_up_name(rng, noun, thing) if rng.random() < 0.5 else rng.choice([noun, f"{noun}_{thing}", f"{noun}{thing.capitalize()}"])
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
        train, unseen = (GET_ASK, GET_HELD) if reads else (DO_ASK, DO_HELD)
        request = expand(rng, rng.choice(unseen if evaluate else train))
        if not evaluate and rng.random() < 0.35:
            request = noisy(rng, ["{n}", rng.choice(["{v}", "the {t} {v}"])])
        value = rng.randint(1, 999) if kind == "integer" else text_value(rng, evaluate)
        shown = str(value) if rng.random() < 0.85 else f'"{value}"'
        for slot, text in (("n", noun), ("t", thing), ("b", noun), ("V", noun.capitalize()), ("v", shown)):
            request = request.replace("{" + slot + "}", text)
        return request, {key: value}

    return tool(title, description, properties, rng), ask
