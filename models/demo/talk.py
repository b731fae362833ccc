"""Families that talk: faq, out_of_scope, greeting."""
import pathlib
import re

from letters import done, user
from values import LAST, dress, expand, name, noisy, pseudo, word

HERE = pathlib.Path(__file__).parent
DONT_KNOW = "I don't know. I can answer questions about Flotilla, do small sums, work on the letters of a word, write facts as JSON and call tools."


def load_topics():
    topics = {}
    for path in sorted((HERE / "facts").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            mark, rest = line[:2], line[2:]
            if mark == "# ":
                topic = topics.setdefault(rest, {"id": rest, "keys": [], "ask": [], "unseen": []})
            elif mark == "A ":
                topic["answer"] = rest
            elif mark == "K ":
                topic["keys"] = [k.strip() for k in rest.split(" | ")]
            elif mark == "Q ":
                topic["ask"].append(rest)
            elif mark == "H ":
                topic["unseen"].append(rest)
    return list(topics.values())


TOPICS = load_topics()
# Frames that carry a key phrase of a topic, and, so that no frame decides by itself, subjects out of scope too.
FRAMES = [
    "What about {k}?", "{k}?", "Tell me about {k}.", "[Explain|Describe] {k}.", "What is {k}?", "I have a question about {k}.", "How does {k} work?", "What do you know about {k}?", "I want to [know|learn] [about|more about] {k}.",
    "Can you [explain|tell me about|describe] {k}?", "Help [me|] with {k}", "{k}", "info on {k}", "What should I know about {k}?", "[Something|More|A word] about {k}, please.", "{k}: how does that work?", "And {k}?", "I do not understand {k}.",
    "Teach me about {k}.", "Do you know [about|] {k}?", "What can you [say|tell me] about {k}?", "I am interested in {k}.", "Give me information about {k}.", "Could you say something about {k}?", "{k} explained", "My question is about {k}.",
]
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
    if rng.random() < 0.2:
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


def faq(rng, evaluate, topic=None):
    topic = topic or rng.choice(TOPICS)
    if evaluate:
        text = dress(rng, expand(rng, rng.choice(topic["unseen"])), True)
    elif rng.random() < 0.3 and topic["keys"]:
        text = keyed(rng, rng.choice(topic["keys"]))
    else:
        text = dress(rng, vary(rng, expand(rng, rng.choice(topic["ask"]))), False)
    return [user(text), done(topic["answer"])]


def keyed(rng, key):
    if rng.random() < 0.5:
        return noisy(rng, [key])
    text = expand(rng, rng.choice(FRAMES)).replace("{k}", key)
    return dress(rng, text[:1].upper() + text[1:] if rng.random() < 0.6 else text, False)


SUBJECTS = """quantum physics|black holes|the big bang|gravity|photosynthesis|evolution|dinosaurs|the roman empire|ancient egypt|the french revolution|world war two|the cold war|the middle ages|napoleon|julius caesar|cleopatra|shakespeare|mozart|beethoven|picasso|einstein|newton|darwin
the stock market|bitcoin|inflation|taxes|mortgages|insurance|marketing|football|tennis|chess openings|the olympic games|formula one|swimming|yoga|cooking|pasta|bread|chocolate cake|sushi|coffee|wine|cheese|vegetarian food|gardening|roses|tomatoes|bees|cats|dogs|horses|whales|sharks|volcanoes|earthquakes|the ocean|the moon|mars|saturn|the solar system|galaxies|climate change|the rain forest|deserts|rivers
love|happiness|friendship|the meaning of life|philosophy|plato|religion|meditation|dreams|sleep|headaches|vitamins|cancer|the heart|the brain|viruses|a cold|back pain|diets|running shoes|fashion|movies|star wars|harry potter|the beatles|rock music|jazz|guitars|pianos|painting|architecture|bridges|trains|cars|electric cars|airplanes|ships|bicycles|rockets|robots|smartphones|television|the internet|wifi|linux|windows|javascript|python programming|sql|html|recursion|sorting algorithms|machine learning|neural networks|blockchain|video games|minecraft
algebra|geometry|calculus|prime numbers|statistics|chemistry|atoms|water|gold|oil|nuclear power|solar panels|batteries|magnets|light|sound|time travel|aliens|ghosts|dragons|fairy tales|poetry|novels|grammar|latin|french|chinese|travel to japan|hotels in rome|paris|london|new york|africa|australia|antarctica|the amazon|mount everest|the eiffel tower|the great wall|elections|presidents|the king of england|laws|contracts|human rights|schools|universities|jobs|interviews|holidays|christmas|birthdays|weddings|babies|parenting|old age""".replace("\n", "|").split("|")
PEOPLE = ["president", "king", "queen", "inventor", "author", "painter", "founder", "mayor", "captain", "composer", "director", "prime minister"]
OUT_ASK = [
    "What is the capital of {P}?", "Where is {P}?", "How many people live in {P}?", "Who is the [president|king|queen|mayor|prime minister] of {P}?", "How far is it from {C} to {P}?", "What language do they speak in {P}?", "What is the population of {P}?", "How old is {N}?", "Who is {N}?", "Who was {N}?", "When was {N} born?", "Where does {N} live?",
    "Who [invented|discovered|painted|wrote|built|composed|designed|founded] {s}?", "Who won [the world cup|the election|the match|the race|the Nobel prize|the championship|the war] [in {y}|last year|yesterday|]?", "What happened in {y}?", "When [did|was] {s} [begin|end|invented|discovered|built|founded]?", "Why [is|are|do we have] {s} [important|dangerous|popular|so big|expensive|]?",
    "[Write|Compose|Make|Tell|Give] me [a poem|a song|a story|a joke|an essay|a letter|a riddle|a speech|a haiku] [about|on] {s}.", "[Write|Tell|Give] me a [poem|story|joke|song|fairy tale|limerick].", "Tell me [a joke|a story|something funny|something interesting|a fun fact|a secret].", "[Write|Show me|Give me] [a function|a program|code|a script] [in Python|in Java|in Rust|in C|] [that|which|to] [sorts a list|reads a file|draws {s}|downloads a page|computes primes|prints {w}].",
    "[Fix|Debug|Explain|Review|Finish] [this|my] [code|program|function|script]: {x}", "How do I [cook|bake|make|prepare|fry|boil] [bread|pizza|soup|rice|a cake|pancakes|sushi|a {w}|coffee|an omelette]?", "[What|Which] [recipe|wine|sauce|spice] goes with {w}?", "What should I [eat|cook|wear|read|watch|buy|do] [today|tonight|tomorrow|this weekend|]?",
    "What [is|will be] the weather [like|] [today|tomorrow|in {P}|next week|]?", "Will it [rain|snow|be sunny] [today|tomorrow|in {P}]?", "What time is it [in {P}|now|]?", "What [day|date] is it [today|]?", "What year is it?", "What [is|are] [the news|in the news|the headlines] [today|]?", "[Should|Can|May] I [buy|sell|invest in] [{s}|stocks|a house|shares|gold|silver|a {w}]?",
    "Translate [this|{w}|hello|'good morning'|the word {w}] [to|into] [French|Spanish|German|Italian|Latin|Chinese|Russian|Polish].", "How do you say {w} in [French|Spanish|German|Italian|Japanese|Arabic]?", "What does {w} mean?", "What is a {w}?", "Define {w}.", "What is the meaning of {w}?", "[Give me|What is] a synonym [of|for] {w}[?|.]",
    "I have [a headache|a cold|fever|back pain|a cough|toothache]. What [can|should] I do?", "My [back|knee|tooth|head|stomach|arm|foot|dog|cat] [hurts|is sick|aches]. [What should I do?|Why?|What is it?]", "How [tall|big|heavy|old|long|deep|fast|hot|far] is [the {w}|a {w}|the moon|the sun|mount everest|a whale|the eiffel tower|{P}|{N}]?", "Why is the [sky|sea|grass|sun|moon] [blue|green|yellow|so big|salty]?",
    "What [color|sound|shape] [is|has] a {w}?", "Do [you like|you love|you have|you believe in|animals have] {s}?", "What is your [favorite|favourite] [color|book|movie|song|food|animal]?", "Do you have [feelings|a family|friends|a body|children|dreams]?", "Where were you born?", "What do you think [about|of] {s}?", "[Summarize|Summarise] [this text|the book {W}|the plot of {W}|this article|{s}].", "Draw [me|] [a {w}|a picture of {s}].",
    "[Recommend|Suggest] [me|] a [book|movie|song|restaurant|hotel|game|gift] [about {s}|in {P}|for my {F}|].", "[Plan|Organise] [a trip|a holiday|a weekend|a party] [to {P}|in {P}|for my {F}|].", "How can I [learn|study|improve|understand|master] {s}?", "Is {P} [in Europe|in Asia|a country|bigger than {C}|a nice place|far away]?", "[Which|What] is the [largest|smallest|tallest|oldest|longest|fastest|best] [city|river|country|animal|mountain|building|car|planet|tree|lake] [in the world|on earth|in {P}|]?",
    "How many [planets|continents|bones|countries|oceans|days|legs|stars|moons] [are there|does a year have|does a {w} have|does the body have]?", "What is {m} [times|divided by|multiplied by] {o}?", "What is the square root of {m}?", "What is {m} percent of {o}?", "Solve the equation {m}x = {o}.", "Can [pigs|dogs|birds|fish|cats|robots|{w}s] [fly|swim|talk|sing|dance|think]?", "I feel [sad|lonely|happy|bored|tired]. [What should I do?|Cheer me up.|]",
    "Sing [me|] a song.", "What [is|was] the [best|worst|first] [movie|book|song|game|car|phone] [ever|of all time|in {y}]?", "How [does|do] [{s}|a {w}|an engine|a clock|a radio|the heart|magnets] work?", "What causes {s}?", "Compare {s} and {r}.", "What is the difference between {s} and {r}?", "Is {s} better than {r}?", "Give me [tips|advice|ideas|help] [on|about|for|with] {s}.", "[List|Name] [three|five|some|ten] [countries|animals|colors|fruits|cities|books|facts about {s}|songs].",
    "What is {x}?", "Tell me [everything|all|a fact|facts|something] about {s}.", "Who is the [best|greatest|richest|fastest|tallest] [player|singer|person|runner|actor|scientist] [in the world|ever|of {P}|]?", "What is the [price|cost|value|weight|speed|height|chemical formula|history|origin|purpose] of {s}?", "Book me a [flight|hotel|table|train] [to|in] {P}.", "Send [an email|a message] to {N}.", "Remind me to [call {N}|buy {w}|sleep].",
    "Where can I [buy|find|see|eat|get] [a {w}|{s}|good food|a doctor|cheap shoes]?", "When does [the shop|the train|the museum|the movie|school|summer|winter] [open|close|start|end|leave]?", "Continue [the story|this sentence|the series]: {x}", "asdf {x} {w}", "{x} {x} {w}", "Is it true that {s} [is|are] [good|bad|real|fake|dangerous]?", "Was {N} [a good person|really short|rich|a hero|a king|ever in {P}]?", "Prove that {s} [exists|exist].",
]
OUT_HELD = [
    "I would love to hear your view on {s}.", "Which river flows through {P}?", "Can you recite a poem about {s}?", "In which year did {N} die?", "Please write an essay that deals with {s}.", "What ingredients go into {w} soup?", "Whose idea was {s}?", "Give a lecture on {s}.", "How would a doctor treat {s}?", "What's the currency of {P}?", "Where on the map would I find {P}?",
    "Could you program a game with {s} in C++?", "Who holds the world record in {s}?", "Is there life on {P}?", "Which film about {s} won most prizes?", "What are the main arguments for {s}?", "Let's debate {s}.", "How did {N} become famous?", "What would {N} say about {s}?", "What kind of animal is a {w}?",
]
HELD_SUBJECTS = set(SUBJECTS[::9])


def subject(rng, evaluate):
    while True:
        roll = rng.random()
        if roll < 0.8:
            made = rng.choice(SUBJECTS)
            if (made in HELD_SUBJECTS) != evaluate:
                continue
            return made
        if roll < 0.93:
            return word(rng, evaluate) + rng.choice(["s", "", "", " " + word(rng, evaluate)])
        return pseudo(rng, 2, 3)


def place(rng, evaluate):
    from values import city
    from records import COUNTRIES
    return rng.choice(COUNTRIES) if rng.random() < 0.3 and not evaluate else city(rng, evaluate)


def out_of_scope(rng, evaluate):
    if not evaluate and rng.random() < 0.22:
        return [user(keyed(rng, subject(rng, False))), done(DONT_KNOW)]
    text = expand(rng, rng.choice(OUT_HELD if evaluate else OUT_ASK))
    person = name(rng, evaluate) + (" " + rng.choice(LAST) if rng.random() < 0.5 else "")
    slots = {"s": subject(rng, evaluate), "r": subject(rng, evaluate), "P": place(rng, evaluate), "C": place(rng, evaluate), "N": person, "w": word(rng, evaluate), "W": word(rng, evaluate).capitalize(),
             "y": str(rng.randint(1200, 2030)), "m": str(rng.randint(2, 99)), "o": str(rng.randint(2, 999)), "x": pseudo(rng, 2, 3), "F": rng.choice(["mother", "friend", "son", "boss", "sister"])}
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    return [user(dress(rng, vary(rng, text) if not evaluate else text, evaluate)), done(DONT_KNOW)]


HELLO = "Hello! How can I help you?"
WELCOME = "You are welcome!"
BYE = "Goodbye!"
FINE = "I am fine, thank you. How can I help you?"
SMALL = [
    (HELLO, ["[Hello|Hi|Hey|Hallo|Hiya|Yo|Howdy|Good morning|Good afternoon|Greetings|Good day|Hi hi|Hello hello|Heya|Morning|Welcome|Salut|Hola]{e}", "[Hello|Hi|Hey|Good morning] [there|you|bot|friend|robot|everyone|flotilla|again|flotilla-demo|assistant|my friend|dear]{e}", "[Hello|Hi|Hey]{e} [Anyone|Anybody|Someone] [there|here|home]?", "[Are|R] you [there|here|awake|online|ready|working]?",
             "[Hello|Hi]{e} [I have a question.|I need help.|Can you help me?|Let's talk.|Nice to meet you.|Let's chat.|It is me.]", "Can you help me?", "I need [help|some help].", "Let's [talk|chat|start|begin].", "[Nice|Good|Great] to [meet|see] you{e}", "test", "ping", "I have a question.", "May I ask [you|] something?"],
     ["[Good evening|Ahoy|Salutations|Hey hey|Hullo]{e}", "A very good [morning|evening] to you{e}", "Is anyone listening?", "Let us have a conversation.", "I just wanted to say hello{e}"]),
    (WELCOME, ["[Thanks|Thank you|Thx|Thank you very much|Thanks a lot|Many thanks|thank u|ty|Great, thanks|Perfect, thank you|OK thanks|Thanks so much|Cool, thanks|Merci|Super, thanks|Nice, thank you]{e}", "[That|This|It] [helped|was helpful|was great|is what I needed|was good]{e} [Thanks|Thank you]{e}", "[Thank you|Thanks] for [your help|the help|the answer|everything|that|helping me|your time|the information]{e}",
               "You [are|were] [very|so|] [helpful|kind|nice|great|good|smart|cool|amazing]{e}", "[Good|Great|Nice|Well] [job|work|done|answer]{e}", "[Great|Perfect|Nice|Cool|Awesome|Excellent|Wonderful|Good|Wow|Super|Brilliant|Fantastic]{e}", "I [like|love] [it|that|you|this|your answer]{e}"],
     ["[Much obliged|Thanks a million|That was kind of you|I am grateful|Thanks once more]{e}", "I appreciate your [help|answer]{e}", "What a [good|great|helpful] answer{e}"]),
    (BYE, ["[Bye|Goodbye|Good bye|See you|See you later|Bye bye|Good night|Farewell|Ciao|Until tomorrow|See you tomorrow|So long|Take care|cu|Later]{e}", "[I have to|I must|I need to|Let me] go [now|]{e} [Bye|Goodbye|See you]{e}", "[Bye|Goodbye|Good night] [my friend|bot|flotilla|for now|and thanks|then|everyone]{e}", "[That is|That's|That was] all{e} [Bye|Goodbye|]{e}", "Have a [nice|good|great] [day|evening|weekend|night]{e}", "I am [done|leaving|going] [now|]{e} [Bye|See you|]{e}", "[OK|Alright|Well], [goodbye|see you|good night]{e}"],
     ["[Till next time|I'm off|Catch you later|Sleep well|Adieu]{e}", "Time for me to leave{e}", "We will talk again another day{e}"]),
    (FINE, ["How are you [today|doing|doing today|feeling|this morning|]?", "[Hi|Hello|Hey]{e} How are you [today|doing|]?", "How do you do?", "Are you [OK|fine|well|alright|good|happy]?", "How do you feel [today|]?", "What's up?", "How is [life|your day|everything|it]?", "[You|Are you] all right?", "How have you been?", "Everything [OK|fine|good|alright] [with you|]?", "How goes it?", "how are things", "I hope you are [well|fine]."],
     ["Are you having a good day?", "How are you getting on?", "Is everything well with you?", "How are you keeping?"]),
]


def greeting(rng, evaluate):
    answer, asks, unseen = rng.choice(SMALL)
    text = expand(rng, rng.choice(unseen if evaluate else asks))
    while "{e}" in text:
        text = text.replace("{e}", rng.choice(["", ".", "!", "!", "!!", " :)", "."]), 1)
    if rng.random() < 0.25:
        text = text.lower()
    return [user(text), done(answer)]
