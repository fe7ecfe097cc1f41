"""Make character prompts and their right answers: the text that the rehearsal model learns from.

Everything here is drawn from a `random.Random`, so the same seed makes the same text. Two kinds of
text are kept away from training: the names in `REAL_NAMES` together with a fixed share of all made-up
names, and every wording in a `HELD_*` list.
"""

import json
import random
import string
import zlib
from dataclasses import asdict, dataclass

ROLES = {
    "warrior": 16, "knight": 17, "ranger": 12, "thief": 9, "wizard": 6, "priest": 8, "barbarian": 19,
    "hunter": 13, "guard": 14, "bard": 7, "archer": 12, "rogue": 9, "druid": 8, "monk": 11,
    "paladin": 17, "soldier": 15, "healer": 5, "sorcerer": 6, "scout": 10, "mercenary": 15,
    "cleric": 8, "blacksmith": 18, "gladiator": 18, "pirate": 13, "assassin": 11, "fighter": 15,
}  # fmt: skip
ADJECTIVES = {
    "strong": 2, "mighty": 3, "frail": -4, "young": -1, "elderly": -3, "weak": -3, "tough": 1,
    "brave": 0, "clever": 0, "muscular": 3, "sickly": -4, "giant": 4, "small": -1, "tired": -2,
    "famous": 0, "proud": 0,
}  # fmt: skip
KINDS = ["woman", "man", "elf", "dwarf", "halfling", "orc", "girl", "boy", "human", "lady", "queen", "king"]
WEAPONS = {
    "sword": ["sword", "short sword", "long sword", "longsword", "broadsword"],
    "axe": ["axe", "battle axe", "hand axe"],
    "mace": ["mace", "spiked mace"],
    "spear": ["spear", "long spear"],
    "bow": ["bow", "long bow", "hunting bow", "longbow"],
    "crossbow": ["crossbow", "light crossbow"],
    "dagger": ["dagger", "sharp dagger"],
    "staff": ["staff", "wooden staff", "quarterstaff"],
    "hammer": ["hammer", "war hammer", "warhammer"],
}
WEAPON_WORDS = ["big", "rusty", "old", "magic", "heavy", "silver", "steel", "fine", "two-handed", "curved"]
ARMORS = {
    "leather": ["leather armor", "leather armor", "leather armour", "leather", "a leather armor"],
    "chainmail": ["chainmail", "chain mail", "chainmail armor", "a chainmail shirt", "chainmail armour"],
    "plate": ["plate armor", "plate armour", "plate mail", "full plate", "a plate armor"],
    "scale": ["scale armor", "scale mail", "scale armour", "a scale armor"],
    "robe": ["a robe", "a long robe", "robes", "a silk robe", "robe"],
    "none": ["no armor", "no armour", "no armor at all"],
}
ARMOR_WORDS = ["heavy", "light", "old", "worn", "black", "studded", "shiny"]

ASKS = [
    "Give me", "Give me", "Write", "Make", "Create", "Generate", "Invent", "I want", "I need",
    "Please write", "Please give me", "Can you make", "Could you write", "Show me", "Produce", "Design",
    "Draft",
]  # fmt: skip
THINGS = [
    "a character description", "a character description", "a description", "a character",
    "a character sheet", "a short profile", "the character sheet", "a hero", "a game character",
    "the data", "a JSON object", "a fantasy character", "an adventurer", "the JSON",
]  # fmt: skip
LINKS = [": ", ": ", " for ", " of ", " about ", ". ", " - ", ":\n", ".\n", ". Describe ", ". This is "]
OPENINGS = [
    "", "", "Describe ", "Character: ", "Hero: ", "Describe this character: ",
    "Describe the following hero: ", "Here is my hero. ", "Meet ", "This is ", "My character is ",
    "Think of ", "Fill in the sheet: ", "Input: ", "A new character: ", "Read this and answer in JSON: ",
    "I met ", "Imagine ", "Question: who is ", "Hello! I am ",
]  # fmt: skip
HELD_OPENINGS = [
    "Tell me everything on ", "Sketch a villager: ", "Turn this into data: ",
    "We are looking for somebody like ", "New player: ", "Summarize ", "Let us play! My friend is ",
    "Extract the fields from this text: ", "Once there was ",
]  # fmt: skip
PEOPLE = [
    "{name}, {an} {age} year old {who} {gear}",
    "{name}, {an} {age} year old {who} {gear}",
    "{name}, {age} year old {who} {gear}",
    "{name}, {age} year old {who} {gear}",
    "{name}, {an} {age}-year-old {who} {gear}",
    "{name}, {a_who}, {age} years old, {gear}",
    "{name}, {who}, {age}, {gear}",
    "{name} the {who}, age {age}, {gear}",
    "{name} is {an} {age} year old {who} {gear}",
    "{name} is {a_who} {gear}, {age} years old",
    "{name} ({age}), {who}, {gear}",
    "{name} ({who}, {age}) {gear}",
    "{an} {age} year old {who} named {name} {gear}",
    "{an} {age}-year-old {who} called {name}, {gear}",
    "{a_who} named {name}, {age} years of age, {gear}",
    "{a_who} {gear}, aged {age}, whose name is {name}",
    "{name}, {a_who} of {age} years {gear}",
    "{name}, who is {age} and {a_who}. {they} {does}",
    "{name}, {a_who}. {they} is {age} years old and {does}",
    "{name} {does}. {they} is {an} {age} year old {who}",
    "{name} is {age} years old, {a_who}, and {does}",
    "{a_who}. Name: {name}. Age: {age}. {they} {does}",
    "{name}, {age}, {who}, {list}",
    "name: {name}, age: {age}, class: {who}, {list}",
    "{name}; {age}; {who}; {list}",
    "{gear}, {a_who} named {name}, {age} years old",
    "{name}: {who}, {age} years, {list}",
    "{name}, {gear}, is {an} {age} year old {who}",
]
HELD_PEOPLE = [
    "{name}, aged {age}, {a_who} {gear}",
    "{a_who} called {name} ({age} years old) {gear}",
    "{name} is {a_who}, {age} years of age, who {does}",
    "{name} - {who} - {age} - {list}",
    "{name}, {age} years old. {they} is {a_who} and {does}",
]
GEAR = [
    "with {weapon} and {armor}", "with {weapon} and {armor}", "with {armor} and {weapon}",
    "wearing {armor} and carrying {weapon}", "armed with {weapon}, in {armor}",
    "who has {weapon} and {armor}", "who wears {armor} and fights with {weapon}",
    "holding {weapon}, wearing {armor}", "in {armor}, with {weapon}",
    "carrying {weapon} and dressed in {armor}", "equipped with {weapon} and {armor}",
    "in {armor} with {weapon}",
]  # fmt: skip
HELD_GEAR = [
    "bearing {weapon}, dressed in {armor}", "who carries {weapon} and has {armor}",
    "having {armor} and {weapon}",
]  # fmt: skip
DOES = [
    "carries {weapon} and wears {armor}", "wears {armor} and carries {weapon}", "has {weapon} and {armor}",
    "fights with {weapon} in {armor}", "has {armor} and {weapon}", "uses {weapon} and wears {armor}",
    "is armed with {weapon} and has {armor}",
]  # fmt: skip
HELD_DOES = ["holds {weapon} and wears {armor}", "is dressed in {armor} and uses {weapon}"]
LISTS = [
    "{weapon}, {armor}", "{armor}, {weapon}", "weapon: {weapon}, armor: {armor}",
    "armor: {armor}, weapon: {weapon}", "{weapon} and {armor}", "{armor}; {weapon}",
]  # fmt: skip
HELD_LISTS = ["{weapon} + {armor}", "{armor} / {weapon}"]
CLOSINGS = ["."] * 8 + [""] * 6 + [
    "!", ". Answer in JSON.", ". Reply with JSON only.", ", please.", ". Thank you.", " ", "...", ".\nJSON:",
    ". How strong?", ". Give name, age, armor, weapon and strength.",
]  # fmt: skip
HELD_CLOSINGS = [".", "", ". Return the object now.", ". Only JSON please!"]

REAL_NAMES = [
    "Amiri", "Lia", "Conan", "Xena", "Bob", "Zoe", "Gandalf", "Ingrid", "Hiroshi", "Aleksandra",
    "Siobhan", "Mateo", "Yuki", "Anna", "Otto", "Eve", "Hannah", "Barbara", "Frodo", "Legolas",
    "Aragorn", "Gimli", "Merlin", "Arthur", "Guinevere", "Lancelot", "Robin", "Brunhilde", "Sigurd",
    "Thor", "Freya", "Odin", "Maximilian", "Elizabeth", "William", "Jo", "Al", "Priya", "Arjun", "Wei",
    "Xiu", "Fatima", "Mohammed", "Oluwaseun", "Nkechi", "Kwame", "Zsofia", "Bjorn", "Katarzyna",
    "Dmitri", "Svetlana", "Giovanni", "Francesca", "Alejandro", "Guadalupe", "Thanh", "Nguyen",
    "Leilani", "Aiyana", "Tecumseh", "Emma", "Christopher", "Bartholomew", "Alice", "Charlotte",
    "Kvothe", "Drizzt", "Geralt", "Yennefer", "Ciri", "Link", "Zelda", "Aloy", "Lara",
]  # fmt: skip

_FREQUENT = "eeeeaaaaiiiiooouurrrnnnlllssstttddhhmmckgbpvwyjzfxq"
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"
_CLUSTERS = [
    "br", "ch", "dr", "gr", "kh", "kr", "st", "th", "tr", "sh", "sk", "ll", "nn", "rr", "ss", "ng", "nd",
    "ndr",
]  # fmt: skip
_NOISE = [
    "this", "that", "we", "you", "text", "game", "story", "need", "small", "table", "from", "into",
    "some", "really", "write", "read",
]  # fmt: skip
_ACCENTED = "áàäåãçéèêëíîïñóôöøúüýžšłć"


@dataclass(frozen=True)
class Character:
    """The right answer to one prompt, in the order in which its JSON is written."""

    name: str
    age: int
    armor: str
    weapon: str
    strength: int

    def json(self) -> str:
        """Write it the way the model has to: one line, `", "` and `": "` between the parts."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Wording:
    """Which lists of phrases a prompt is put together from."""

    openings: list[str]
    people: list[str]
    gear: list[str]
    does: list[str]
    lists: list[str]
    closings: list[str]
    is_training: bool


TRAINING = Wording(OPENINGS, PEOPLE, GEAR, DOES, LISTS, CLOSINGS, is_training=True)
HELD_OUT = Wording(HELD_OPENINGS, HELD_PEOPLE, HELD_GEAR, HELD_DOES, HELD_LISTS, HELD_CLOSINGS, is_training=False)


def is_held_out(name: str) -> bool:
    """Whether a name is kept for evaluation: about one in twenty, and all of `REAL_NAMES`."""
    return name in REAL_NAMES or zlib.crc32(name.encode()) % 20 == 7


def _syllables(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.choice([1, 2, 2, 3, 3, 4])):
        onset = rng.choice(_CLUSTERS) if rng.random() < 0.2 else rng.choice(_CONSONANTS + "  ").strip()
        coda = rng.choice("nrlsmtdkhx") if rng.random() < 0.3 else ""
        parts.append(onset + rng.choice("aeiouaeiouy") + coda)
    return "".join(parts)


def _letters(rng: random.Random, alphabet: str) -> str:
    text = "".join(rng.choice(alphabet) for _ in range(rng.choice([2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 11])))
    if rng.random() < 0.3:  # copying "Barbara" needs more than the one letter before
        start = rng.randrange(len(text))
        piece = text[start : start + rng.choice([1, 1, 2, 3])]
        cut = rng.randrange(len(text) + 1)
        text = text[:cut] + piece + text[cut:]
    return text


def _plain_name(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.45:
        text = _syllables(rng)
    elif draw < 0.75:
        text = _letters(rng, _FREQUENT)
    else:
        text = _letters(rng, string.ascii_lowercase)
    return text[:12].capitalize()


def make_name(rng: random.Random, held_out: bool = False) -> str:
    """Draw a name of at most about twelve letters, mostly of letters that no language would join."""
    while True:
        name = _plain_name(rng)
        draw = rng.random()
        if draw < 0.02:
            name = rng.choice(["O'", "D'", "Mc", "Al-", "Mac", "De "]) + name[:7].capitalize()
        elif draw < 0.035:
            name = name[:5] + rng.choice("- ") + _plain_name(rng)[:6]
        elif draw < 0.06 and len(name) > 2:
            cut = rng.randrange(1, len(name))
            name = name[:cut] + rng.choice(_ACCENTED) + name[cut + 1 :]
        if len(name) > 1 and is_held_out(name) == held_out:
            return name


def _article(word: str) -> str:
    is_eight = word[0] == "8" or (word in ("11", "18"))
    return "an" if is_eight or word[0] in "aeiou" else "a"


def _weapon_phrase(rng: random.Random, weapon: str) -> str:
    noun = rng.choice(WEAPONS[weapon]) if rng.random() < 0.4 else weapon
    if rng.random() < 0.2:
        noun = f"{rng.choice(WEAPON_WORDS)} {noun}"
    start = rng.choice([_article(noun)] * 6 + ["the", "her", "his", "one", ""])
    return f"{start} {noun}".strip()


def _armor_phrase(rng: random.Random, armor: str) -> str:
    phrase = rng.choice(ARMORS[armor])
    if armor != "none" and not phrase.startswith("a ") and rng.random() < 0.15:
        phrase = f"{rng.choice(ARMOR_WORDS)} {phrase}"
        if rng.random() < 0.3:
            phrase = f"{rng.choice(['her', 'his', 'some'])} {phrase}"
    return phrase


def make_noise(rng: random.Random) -> str:
    """Draw a sentence of words that mean nothing, so that unknown words do not confuse the model."""
    words = [rng.choice(_NOISE) if rng.random() < 0.5 else _letters(rng, _FREQUENT) for _ in range(rng.randint(1, 6))]
    return " ".join(words).capitalize() + rng.choice([": ", ". ", " ", ", ", "! ", ":\n", "? ", " - "])


def _opening(rng: random.Random, wording: Wording) -> str:
    if wording.is_training:
        draw = rng.random()
        if draw < 0.5:
            return f"{rng.choice(ASKS)} {rng.choice(THINGS)}{rng.choice(LINKS)}"
        if draw < 0.65:
            return make_noise(rng)
    return rng.choice(wording.openings)


def make_role(rng: random.Random) -> tuple[str, int]:
    """Draw a role with its trimmings, and the strength that goes with it."""
    role, strength = rng.choice(list(ROLES.items()))
    words = [role]
    if rng.random() < 0.5:
        kind = rng.choice(KINDS)
        words = [role, kind] if rng.random() < 0.7 else [kind, role]
    if rng.random() < 0.4:
        adjective, change = rng.choice(list(ADJECTIVES.items()))
        words.insert(0, adjective)
        strength += change
    return " ".join(words), max(1, min(20, strength))


def make_example(
    rng: random.Random, wording: Wording = TRAINING, *, held_out_name: bool = False, name: str | None = None
) -> tuple[str, Character]:
    """Draw one prompt and its right answer; a given `name` is used as it is."""
    name = name or make_name(rng, held_out_name)
    who, strength = make_role(rng)
    age = rng.randint(100, 999) if rng.random() < 0.02 else rng.randint(10, 99)
    weapon, armor = rng.choice(list(WEAPONS)), rng.choice(list(ARMORS))
    gear_words = {"weapon": _weapon_phrase(rng, weapon), "armor": _armor_phrase(rng, armor)}
    text = rng.choice(wording.people).format(
        name=name,
        age=age,
        an=_article(str(age)),
        who=who,
        a_who=f"{_article(who)} {who}",
        they=rng.choice(["She", "He", "They"]),
        gear=rng.choice(wording.gear).format(**gear_words),
        does=rng.choice(wording.does).format(**gear_words),
        list=rng.choice(wording.lists).format(**gear_words),
    )
    opening = _opening(rng, wording)
    if not opening or opening.rstrip(" \n")[-1:] in tuple(".:!?-"):
        text = text if rng.random() < 0.5 else text[0].upper() + text[1:]
    return opening + text + rng.choice(wording.closings), Character(name, age, armor, weapon, strength)
