"""The model's own byte-level BPE: qwen2's pre-tokenizer, GPT-2's byte map, merges that keep unknown words as letters.

Every merge of letters starts with the space symbol and adds one letter, so the merges form a trie of the frequent
words: a word is its longest known beginning plus single characters, and a word in quotes is all characters. Without
this a small model cannot copy, spell or reverse words that it has not seen.
"""
import collections
import json
import re

from chat import SPECIAL, USER_DEFINED

# qwen2's expression; `[^\W\d_]` stands for \p{L} and `\d` for \p{N}, which differ only outside of what is trained.
PRE = re.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:(?![^\W_])[^\r\n])?[^\W\d_]+|\d| ?(?:(?![^\W_])\S)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_map():
    kept = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {}, 0
    for b in range(256):
        if b in kept:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


BYTE = byte_map()
UNBYTE = {c: b for b, c in BYTE.items()}


def mapped(text):
    return "".join(BYTE[b] for b in text.encode("utf-8"))


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.tokens = [BYTE[b] for b in sorted(BYTE, key=lambda b: BYTE[b])] + [a + b for a, b in self.merges]
        self.first_special = len(self.tokens)
        self.tokens += SPECIAL + USER_DEFINED
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.rank = {m: i for i, m in enumerate(self.merges)}
        whole = sorted(SPECIAL + USER_DEFINED, key=len, reverse=True)
        self.split = re.compile("(" + "|".join(re.escape(t) for t in whole) + ")")
        self.special = set(whole)
        self.cache = {}
        self.im_start, self.im_end = self.ids["<|im_start|>"], self.ids["<|im_end|>"]
        self.end_of_text = self.ids["<|endoftext|>"]

    def piece(self, text):
        known = self.cache.get(text)
        if known is not None:
            return known
        parts = list(mapped(text))
        while len(parts) > 1:
            best = min(range(len(parts) - 1), key=lambda i: self.rank.get((parts[i], parts[i + 1]), 1 << 30))
            if (parts[best], parts[best + 1]) not in self.rank:
                break
            parts[best:best + 2] = [parts[best] + parts[best + 1]]
        out = [self.ids[p] for p in parts]
        if len(self.cache) < 200_000:
            self.cache[text] = out
        return out

    def encode(self, text):
        out = []
        for part in self.split.split(text):
            if part in self.special:
                out.append(self.ids[part])
            elif part:
                for match in PRE.finditer(part):
                    out.extend(self.piece(match.group()))
        return out

    def decode(self, ids):
        out = bytearray()
        for i in ids:
            token = self.tokens[i]
            out += token.encode("utf-8") if i >= self.first_special else bytes(UNBYTE[c] for c in token)
        return out.decode("utf-8", "replace")

    def beginnings(self):
        """Beginnings of words that are one token, after a space or where a text begins."""
        return sorted({t.lstrip("Ġ") for t in self.tokens[256:self.first_special] if re.fullmatch("Ġ[a-z]{2,}|Ġ?[A-Z][a-z]+|Ġ[A-Z]", t)})

    def save(self, path):
        path.write_text(json.dumps({"merges": [" ".join(m) for m in self.merges]}, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    @staticmethod
    def load(path):
        return Tokenizer([m.split(" ") for m in json.loads(path.read_text(encoding="utf-8"))["merges"]])


def beginnings(counts, shape, frequent, most):
    """The most frequent beginnings, of two letters and more, of frequent pieces of this shape."""
    found = collections.Counter()
    for piece, n in counts.items():
        if n >= frequent and re.fullmatch(shape, piece):
            for end in range(2, len(piece) + 1):
                found[piece[:end]] += n
    return sorted(found, key=lambda p: (-found[p], len(p), p))[:most]


def learn(texts, letter_merges, start_merges, other_merges, frequent):
    """Merges of words after a space, of capitalised words that begin a text, and of signs. A word in lower case without
    a space before it stays single letters, so that it can be spelled."""
    whole = sorted(SPECIAL + USER_DEFINED, key=len, reverse=True)
    split = re.compile("|".join(re.escape(t) for t in whole))
    counts = collections.Counter()
    for text in texts:
        for part in split.split(text):
            counts.update(m.group() for m in PRE.finditer(part))
    merges = [(mapped(p[:-1]), mapped(p[-1])) for p in beginnings(counts, " [A-Za-z]+", frequent, letter_merges) + beginnings(counts, "[A-Z][a-z]+", 4 * frequent, start_merges)]
    other = {p: [BYTE[b] for b in p.encode()] for p in counts if counts[p] >= 50 and not re.search(r"\w", p)}
    for _ in range(other_merges):
        pairs = collections.Counter()
        for piece, parts in other.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[piece]
        if not pairs:
            break
        best = max(sorted(pairs), key=lambda p: pairs[p])
        merges.append(best)
        for parts in other.values():
            i = 0
            while i + 1 < len(parts):
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = [best[0] + best[1]]
                i += 1
    return Tokenizer(merges)
