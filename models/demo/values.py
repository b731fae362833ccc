"""Values that prompts are filled with (words, names, numbers), the held-out rule for them, and the wording expander."""
import itertools
import json
import pathlib
import re
import zlib

HERE = pathlib.Path(__file__).parent

WORDS = """
apple arrow autumn badge baker ball bamboo basket beach bean bear bell bench berry bike bird blanket blossom boat bone
book boot bottle box branch brave bread breeze brick bridge bright broom brother brush bucket bubble butter button cabin
cable cake camel camera candle candy canoe canyon card carpet carrot castle cat cave chain chair chalk cheese cherry
chess chicken circle city clay clever cliff clock cloud clover coal coast coat coconut coffee coin comet cookie copper
coral corn cotton cousin cow crab cradle crane crayon cricket crown crystal cup curtain daisy dance dawn deer desert
diamond dinner dog dolphin donkey door dragon drawer dream dress drum duck dust eagle earth echo egg elbow ember empty
engine evening fabric family farm father feather fence fern field finger fire fish flag flame flower flute fog forest
fork fox friend frog frost fruit galaxy garlic gate ghost ginger glass glove gold goose grape grass green guitar hammer
harbor harp hat hazel heart heaven hero hill honey hook horse hotel house hunter ice ink iron island ivory jacket jar
jasmine jelly jewel jungle juice kettle key king kite kiwi knife knot ladder lake lamp leaf leather lemon letter light
lily lime lion lizard llama lobster lunch magic magnet mango maple marble market meadow medal melon mirror monkey moon
morning moss moth mother mouse mud muffin museum music needle nest night noodle north notebook number nut oak oasis ocean
office olive onion orange orchid otter oven owl oyster paint palace palm panda paper parrot pasta path peach peanut pear
pearl pebble penguin pepper piano picnic pigeon pillow pilot pine pirate pizza planet plant plate plum pocket poem pony
potato prince pumpkin puppy purple puzzle queen quiet rabbit radio rain rainbow raven ribbon rice ring road rocket roof
room rope rose ruby sail salad salt sand scarf school sea seed shadow shark sheep shell ship shirt shoe shovel silver
sister sky sled smile smoke snail snow soap sock soup south spider spoon spring square squirrel stair star station steam
stone storm story stove straw stream street sugar summer sun swan sweater swing table tail tea teacher tent thunder
ticket tomato tooth torch tower toy train travel tree truck trumpet tulip tunnel turtle umbrella uncle valley vanilla
velvet village volcano voyage wagon walnut water wave whale wheat wheel whistle willow wind wing winter wizard wolf
wonder wood wool world yellow yogurt zebra zipper acrobat adventure airplane alphabet animal answer antelope apartment
architect artist asteroid astronaut avocado balcony banner barrel battery beetle bicycle biscuit blueberry broccoli
buffalo building butterfly cactus calendar candlestick captain cardboard carnival caterpillar cathedral century
champion chimney cinnamon climate compass computer concert continent cottage courage crocodile cucumber cupboard
december dentist dessert detective dictionary dinosaur direction discovery doctor document eleven emerald energy
envelope equator evidence example factory fantastic festival firefly flamingo football fortune fountain freedom
furniture gallery gardener gasoline gentle giant gondola gorilla grandmother gravity hamburger hamster handbag
harmonica harvest hedgehog helicopter holiday horizon hospital hurricane icicle imagine insect invention jellyfish
journey kangaroo keyboard kingdom kitchen knuckle labyrinth language laughter lavender leopard library lighthouse
lightning mailbox mammoth marathon mechanic medicine message microscope midnight mosquito mountaineer mushroom mystery
napkin nature neighbor newspaper octopus operator orchestra package pancake paradise passenger peacock peppermint
perfume photograph pineapple platform playground porcupine postcard president professor pyramid question raspberry
recipe refrigerator restaurant rhinoceros saddle sailor salmon satellite saxophone scissors scorpion sculpture
seahorse season secret shoulder skeleton skyscraper snowflake spaghetti spinach stadium stomach submarine suitcase
sunflower sunset surprise symphony teapot telephone telescope theater thermometer thousand tiger tomorrow tornado
tortoise treasure triangle tropical typewriter umbrella universe vacation vegetable village violet vitamin waterfall
weather wednesday whisper wilderness windmill xylophone yesterday forward format folder force foreign offer official
often office order order other over under until using useful value version video visit voice volume waiter wallet
""".split()

# Common words that only training uses, beside WORDS: names of things, properties, jobs, results.
MORE = """
account action adapter address agenda airline airport alarm album alert allowance amount anchor angle anniversary apron arena
arrival article assistant attic auction audience average award axis bag bakery balloon bandwidth barn batch beam bed beehive
benefit bill birth blade board body bonus border boss bowl brand brewery budget bus cabinet camp campus canal capital career
cargo cart case cash catalog category ceiling cellar chapter charge chart checkpoint chef class clerk client clinic clinic
closet club coach code collection color column comment committee community component concept condition connection consultant
contact container contest contract copy corner council counter country couple course court cover credit crew crop cruise
culture cursor customer cycle damage dance data dealer debt decade deck delivery department deposit depth desk destination
detail device diet digit dish district dock domain dose draft drawing drill driver duty edge edition editor effect effort
election element elevator employee end engineer entrance episode equipment escort estate event exam exhibit exit expense
expert export factor failure fan farmer fashion fee fence festival file film filter fleet flight floor forecast form frame
frequency fridge fuel function fund fuse gadget gain game gap garage gas gear genre gift goal grain graph greenhouse group
growth guard guest guide habit hall handle hardware harness height helmet highway hive hobby hostel hour idea image impact
income index industry injury inn inspection instrument insurance interest interview issue item job joint judge jury kit lab
label labor ladder lane laptop law layer lawn leader league leak lease lecture legend lens lesson level license lift limit
line link list load loan lobby location lock log logo loss lot luggage machine magazine mail maintenance manager map margin
mask mass master match material mayor meal meaning measure meeting member memory menu merchant metal meter method metric mile
mill mine minister mission mixture mode module moment monitor month monument mood motor movie nail network nurse object odor
opera option origin outlet output owner oxygen pace pack page pair panel park part partner passage passport patch path patient
pattern pause payment peak pension people percent period permit person phase phrase pin pipe pitch place plan plastic platform
play plaza plot plug poet point police policy pool port porter portion position post pot pound practice premium present
pressure prize problem process product profile profit program progress project proof property protein pump purchase purpose
quality quarter quota race rack rail ramp range rank rate ratio reason receipt record region release rent repair reply report
request rescue reserve resident resource result return review reward rhythm rider risk role roll root round route row rule
sample scale scene schedule scheme scholar scope screen script seal search seat sector sensor series server service session
shade shaft shape share shelf shift shock shop show side sign signal size skill slot smell socket software soil song sound
source space speaker species spirit sport spot staff stage stall stamp standard start state statement status step stock stop
store strategy strength studio study style subject supply support surface survey switch system tackle talent tank tape target
task tax taxi team tenant term terminal test theme theory thing thread throat tile time tip tire title tone tool topic total
touch tour trace track trade trail trailer trainer tray trend trial tribe trip tube turn type unit user vendor venue version
vessel vest victim view voltage wage wall ward warehouse warranty watch weight well width window wire worker workshop yard year
yield zone adjust align anchor archive arm assemble assign attach balance bind block boil book boost bounce brush build burn
carve catch check clear climb clone combine compare compress convert cool correct cover crush cut decorate deliver deploy
detect dig dim disable dismiss dispatch divide drag drain drop dry edit eject empty enable encrypt erase evaluate expand
extend extract fasten feed fetch fill finish fix flip flush follow forward fry gather generate grade grill grind guide hang
harvest heat hide highlight hold import improve install invite invoice iron join kick label lift list load locate lower mail
mark merge mix model mount move mow name notify order pack pair paste peel pick pin plan plow pour press promote protect pull
pump push quote raise rank read rebuild record recycle reject release remove rename render renew rent replace request rescue
restart restore retrieve return reveal review rinse roll sail save scale scrub seal select sell send serve shake shape share
shift show shut sign skip slice slide soak solve sort split spread stack steer stir store stretch stitch submit sweep swap tag
test throw tie toast toggle tow trace track trade train transfer trim tune turn twist type unload unlock unwrap update upgrade
upload validate verify wake warn wash weigh weld wipe withdraw zip analyst astronomer barber biker blacksmith bookkeeper
bricklayer broker builder captain caretaker cashier chauffeur clown cleaner climber coach comedian conductor cyclist dancer
decorator diver economist editor farmhand fisherman geologist glazier guard historian inspector interpreter inventor janitor
jeweller jockey lecturer lifeguard locksmith magician maid manager mason mathematician miner minister model monk nanny novelist
optician painter pharmacist philosopher physicist poet politician porter postman priest printer programmer psychologist
publisher receptionist referee reporter researcher roofer salesman scientist sculptor secretary shopkeeper smith solicitor
statistician steward student surgeon surveyor swimmer technician therapist trader trainer tutor typist undertaker vet
violinist weaver webmaster woodcutter zoologist donkey duck fox frog gecko gerbil goose hen lamb llama mule newt owl ox pig
rat rooster sheep spider swan tortoise wolf worm aardvark badger beaver bee budgie calf carp chinchilla cobra cow crab
""".split()

FIRST = """Anna Ben Clara David Emma Felix Grace Hugo Ivy Jack Karim Lena Marco Nina Oscar Paula Quentin Rosa Samuel Tara
Umar Vera Walter Xenia Yusuf Zoe Alice Bruno Carmen Diego Elena Frank Gloria Henry Irene Jonas Kate Leo Mia Noah Olga Peter
Rita Simon Theo Ursula Victor Wendy Yara Zack Amir Bella Chen Dora Emil Fatima Georg Hana Igor Julia Kenji Laura Mateo Nora
Otto Priya Raj Sofia Tom Uma Vlad Wei Ximena Yuki Zane Aisha Bjorn Cecilia Dmitri Esther Farid Gina Harriet Ingrid Jamal""".split()
LAST = """Smith Garcia Keller Novak Rossi Tanaka Silva Brown Weber Moreau Larsen Kim Patel Costa Berg Lopez Schmidt Wong
Ivanov Murphy Haddad Jensen Kowalski Nguyen Okafor Petrov Ramos Sato Torres Vogel Walsh Young Becker Carter Dubois Evans""".split()
CITIES = """Paris London Berlin Madrid Rome Vienna Prague Warsaw Athens Dublin Helsinki Oslo Lisbon Brussels Amsterdam
Zurich Geneva Hamburg Munich Milan Naples Turin Seville Valencia Lyon Nice Toulouse Bergen Gdansk Krakow Budapest Bucharest
Belgrade Zagreb Tallinn Riga Vilnius Kyiv Istanbul Ankara Cairo Nairobi Lagos Accra Tunis Dakar Tokyo Osaka Kyoto Seoul
Beijing Shanghai Delhi Mumbai Bangkok Hanoi Manila Jakarta Sydney Perth Auckland Toronto Montreal Boston Chicago Denver
Seattle Houston Dallas Miami Lima Bogota Quito Santiago Havana Leeds Bristol York Glasgow Porto Malmo Aarhus Tampere
New_York San_Francisco Los_Angeles Hong_Kong Buenos_Aires Cape_Town New_Delhi Mexico_City Rio_de_Janeiro Kuala_Lumpur
Tel_Aviv Las_Vegas San_Diego Santa_Fe Ho_Chi_Minh_City Salt_Lake_City New_Orleans Abu_Dhabi Den_Haag La_Paz Port_Louis""".split()
CITIES = [c.replace("_", " ") for c in CITIES]
JOBS = """teacher doctor nurse baker painter lawyer farmer pilot engineer cook carpenter gardener writer singer actor chemist
plumber tailor butcher driver sailor librarian journalist photographer electrician mechanic designer architect waiter
firefighter translator biologist banker florist hairdresser musician judge soldier shepherd potter welder""".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
COLORS = "red blue green yellow black white brown grey orange purple pink silver golden".split()
ANIMALS = "dog cat rabbit parrot hamster horse pony goat turtle snake mouse goldfish canary lizard ferret".split()

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl l m n p pl pr qu r s sc sh sk sl sm sn sp st str t th tr v w wh z".split()
VOWELS = "a e i o u a e i o u ai ea ee ie oa oo ou".split()
CODAS = "b ck d ft g l ld ll m mp n nd ng nt p r rd rk rt s sh sk st t th x z".split()


def pseudo(rng, low=1, high=3):
    out = ""
    for _ in range(rng.randint(low, high)):
        out += rng.choice(ONSETS) if rng.random() < 0.85 or not out else ""
        out += rng.choice(VOWELS)
        out += rng.choice(CODAS) if rng.random() < 0.4 else ""
    return out[:12]


def letters(rng):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 9)))


# ---- What is held out -------------------------------------------------------------------------------------------
def _free():
    path = HERE / "eval" / "free.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    words, pairs, prompts = set(), set(), set()
    for row in rows:
        text = row["messages"][-1]["content"] or ""
        prompts.add(plain(text))
        if row["family"] in ("copy", "reverse", "upper", "spell", "count"):
            words.update(w for w in re.findall(r"[a-z]{4,}", text.lower()))
        if row["family"] in ("json", "tools", "tool_unknown", "tool_result", "multi_turn", "system"):
            words.update(w.lower() for w in re.findall(r"\b[A-Z][a-z]{2,}", text))
        numbers = [int(n) for n in re.findall(r"\d+", text)]
        if len(numbers) == 2:
            pairs.add((min(numbers), max(numbers)))
    return words, pairs, prompts


def plain(text):
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


FREE_WORDS, FREE_PAIRS, FREE_PROMPTS = _free()
# Words of instructions also occur in free prompts; only values are meant.
FREE_WORDS -= set("word letters write please what does look like from right left exactly this cheese made back mode repeat after"
                  " coming capitals caps every letter give never know count there length number characters winter moon many how"
                  " spell spelled reverse backwards turn json put return the city".split())


def held(value):
    """True for one value in ten, and for every value of the free prompts: these are never trained on."""
    text = str(value).lower()
    return text in FREE_WORDS or zlib.crc32(("flotilla:" + text).encode()) % 10 == 0


def held_pair(a, b):
    pair = (min(a, b), max(a, b))
    return pair in FREE_PAIRS or zlib.crc32(f"pair:{pair[0]},{pair[1]}".encode()) % 10 == 0


def widened(rng, kinds, evaluate, listed=0.35):
    """One of `kinds`; in training often another word instead, so that the reading is learned and not the list."""
    if evaluate or rng.random() < listed:
        return rng.choice(kinds)
    return rng.choice(WORDS + MORE) if rng.random() < 0.5 else word(rng, False)


def draw(rng, make, evaluate):
    """A value from `make()` on the asked side of the held-out rule."""
    for _ in range(1000):
        value = make()
        if held(value) == evaluate:
            return value
    raise ValueError("no value on the asked side")


# Beginnings of words that are one token, by whether they start with a capital; only training sets them. Values are often
# made from them: a token that no trained value holds is one that the model cannot copy. A word that is held out and one
# token would be such a one, so those begin other words oftener than the rest, as do the first tokens of other held-out words.
BEGINNINGS = {False: [], True: []}
HELD_BEGINNINGS = {False: [], True: []}
HELD_SHARE = 0.4


def use_beginnings(beginnings):
    for capital in BEGINNINGS:
        BEGINNINGS[capital][:] = [b for b in beginnings if b[0].isupper() == capital]
        first = {max((b for b in BEGINNINGS[capital] if w.startswith(b)), key=len, default="") for w in WORDS + MORE + JOBS + ANIMALS + CITIES + FIRST + LAST if held(w)}
        HELD_BEGINNINGS[capital][:] = [b for b in BEGINNINGS[capital] if len(b) > 2 and held(b) or b in first]


def begun(rng, capital):
    starts = HELD_BEGINNINGS if rng.random() < HELD_SHARE else BEGINNINGS
    start, roll = rng.choice(starts[capital]), rng.random()
    if roll < 0.15:
        rest = ""
    elif roll < 0.4:
        rest = rng.choice(["s", "y", "er", "ed", "ing", "ly", "less", "land", "a", "o"])
    else:
        rest = pseudo(rng, 1, 2) if roll < 0.8 else letters(rng)[:5]
    made = (start + rest)[:12]
    return made if len(made) > 2 else made + pseudo(rng, 1, 1)


def word(rng, evaluate):
    def make():
        kind = rng.random()
        if kind < (0.30 if BEGINNINGS[False] else 0.45):
            return rng.choice(WORDS)
        if kind < 0.70 and BEGINNINGS[False]:
            return begun(rng, False)
        if kind < 0.93:
            made = pseudo(rng)
            return made if len(made) > 2 else made + pseudo(rng, 1, 1)
        return letters(rng)
    return draw(rng, make, evaluate)


def name(rng, evaluate):
    def make():
        if BEGINNINGS[True] and rng.random() < 0.4:
            return begun(rng, True)
        roll = rng.random()
        first = rng.choice(FIRST) if roll < 0.6 else pseudo(rng, 1, 2).capitalize()
        return first if len(first) > 2 else first + "na"
    return draw(rng, make, evaluate)


def full_name(rng, evaluate):
    roll = rng.random()
    if roll < 0.6:
        return name(rng, evaluate)
    last = draw(rng, lambda: rng.choice(LAST) if rng.random() < 0.6 else pseudo(rng, 1, 2).capitalize() + "n", evaluate)
    if roll < 0.9:
        return name(rng, evaluate) + " " + last
    return name(rng, evaluate) + " " + name(rng, evaluate) + " " + last


def city(rng, evaluate):
    def make():
        if BEGINNINGS[True] and rng.random() < 0.4:
            return begun(rng, True)
        roll = rng.random()
        if roll < 0.65:
            return rng.choice(CITIES)
        made = (pseudo(rng, 1, 2) + rng.choice(["", "burg", "ton", "ville", "stad", "ford"])).capitalize()
        return rng.choice(["New ", "San ", "Port ", "Santa ", "Lake "]) + made if roll > 0.85 else made
    return draw(rng, make, evaluate)


# ---- Wordings ---------------------------------------------------------------------------------------------------
_ALT = re.compile(r"\[([^\[\]]*)\]")


def load_wordings(file):
    """{section: [wordings]} of `wordings/<file>.txt`."""
    sections, lines = {}, None
    for line in (HERE / "wordings" / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lines = sections.setdefault(line[2:], [])
        elif line:
            lines.append(line.replace("\\n", "\n"))
    return sections


def expand(rng, text):
    """`[a|b|]` becomes one of its alternatives; innermost first. `[DONE]` is a literal."""
    text = text.replace("[DONE]", "\x01")
    while True:
        match = _ALT.search(text)
        if not match:
            break
        text = text[:match.start()] + rng.choice(match.group(1).split("|")) + text[match.end():]
    return re.sub(r"  +", " ", text).replace("\x01", "[DONE]").strip()


def held_wording(text):
    """True for one wording of four or more words in eight: what is left when the alternatives are chosen and the slots still open."""
    text = plain(text)
    return text.count(" ") >= 3 and zlib.crc32(("wording:" + text).encode()) % 8 == 0


_SHARES = {}


def trained_line(rng, lines):
    """A line, the oftener the more alternatives it has; one that is only trained, because words lacked, twice as often."""
    key = id(lines), len(lines)
    if key not in _SHARES:
        _SHARES[key] = list(itertools.accumulate((1 + min(line.count("|"), 15) / 3) * (2 if line[:2] == "> " else 1) for line in lines))
    return rng.choices(lines, cum_weights=_SHARES[key])[0].removeprefix("> ")


def wording(rng, lines, evaluate):
    """One of the lines, expanded, on the asked side of the held-out rule. A line that starts with "> " came after the
    held-out prompts were drawn, and is only trained."""
    if evaluate:
        lines = [line for line in lines if line[:2] != "> "]
    for _ in range(10_000):
        text = expand(rng, rng.choice(lines) if evaluate else trained_line(rng, lines))
        if held_wording(text) == evaluate:
            return text
    raise ValueError(f"no wording on the asked side in {lines[:3]}")


OPEN = ["Hi! ", "Hello, ", "Hey, ", "Please: ", "Quick question: ", "Excuse me, ", "OK, ", "Well, ", "Sorry, ", "So ",
        "Could you help me? ", "One more thing: ", "A question: ", "Tell me: ", "Hi there. ", "And ", "Now, ", "Good day. ",
        "Listen, ", "I wonder: ", "Just asking: ", "By the way, ", "Hey there! ", "Um, ", "Hmm, ", "Good morning! ", "Alright, ", "Next: "]
CLOSE = [" Thanks!", " Please.", " Thank you.", " thanks", " please", " Thanks in advance!", ", please", " for me", ", thanks", " Many thanks!", " That would help."]


def dress(rng, text):
    """Greets, thanks, drops capitals and punctuation, as people do."""
    roll = rng.random()
    opened = False
    if roll < 0.22:
        lead = rng.choice(OPEN)
        if not lead.rstrip().endswith((".", "!", "?", ":")) and text[:2] != "I " and text[:2] != "I'":
            text = text[:1].lower() + text[1:] if text[1:2].islower() else text
        text, opened = lead + text, True
    if rng.random() < 0.10 and not opened:
        last = rng.choice(CLOSE)
        text = (text.rstrip(".?!") if last[0] == "," or last == " for me" else text) + last
    roll = rng.random()
    if roll < 0.14:
        text = text[:1].lower() + text[1:]
    if roll < 0.06 or 0.14 < roll < 0.20:
        text = text.rstrip(".?!")
    return text


FILLERS = """please now then just the a this my your to of for in with on as it that is be can could would will should want need like have get make give let me
you i we take put show tell write say find see look thing answer text one first new right same other each every all some any only really quickly
simply maybe also again here there what which how who do does did has was were are am if so but and or at by from about into out over under after
before more most very much many good great best small big long short old help try use know think hope wish ask""".split()


def noisy(rng, parts):
    """The parts in any order among words that mean nothing here: what to do must be read from the parts alone."""
    parts = list(parts)
    rng.shuffle(parts)
    out = []
    for part in parts + [""]:
        out += [rng.choice(FILLERS) for _ in range(rng.choice([0, 0, 1, 2, 3, 4]))] + [part]
    text = " ".join(w for w in out if w)
    text = text[:1].upper() + text[1:] if rng.random() < 0.6 and text.split(" ")[0] in FILLERS else text
    return text + rng.choice(["", "", "?", ".", ".", "?"])
