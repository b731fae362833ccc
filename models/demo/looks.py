"""Where a head of the model should look while it writes what stands in the text before it: the training adds how little it looks there to the loss.

Nearly every word is spelled in letters, so to match a request to one of several tools, or to find the next letter of a copied word, is hardly learned
from the answers alone.
"""
import re

import torch

import chat

HEADS = (3, 0), (4, 0), (4, 1), (3, 1)   # (layer, key head), whose first query head is meant
LOOK = 0.1                               # what that counts beside the loss
TOOLS = chat.TOOLS_HEAD.lower()
TURN = re.compile(r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>", re.DOTALL)
PIECES = re.compile(r'"([^":,]{2,60})"|(?<!\w)(\w(?:-\w)+)(?!\w)|(\w{2,})')


class Looks:
    """Finds, in one training text, what the assistant writes that stands in the text before: a tool's name, or what an answer copies."""

    def __init__(self, tokenizer):
        def having(test):
            return {i for i, token in enumerate(tokenizer.tokens) if test(token)}

        self.tokens = tokenizer.tokens
        self.begins = having(lambda token: token.endswith('{"name": "'))
        self.defines = having(lambda token: token.endswith('"function": {"name": "'))
        self.ends = having(lambda token: token.startswith('"'))
        self.close = having(lambda token: "</tools>" in token)

    def find(self, ids, learned):
        """[(head, place, first, behind)]: what is looked at from the place before a token, and the places where it is. A tool's description
        (head 0), the token in the tool's definition (1), the token in an earlier message, read forwards (2) or backwards (3)."""
        return self.names(ids) + self.copies(ids, learned)

    def names(self, ids):
        starts = [i for i, token in enumerate(ids) if token in self.begins or token in self.close]
        names = {i: tuple(ids[i + 1:next((j for j in range(i + 1, len(ids)) if ids[j] in self.ends), len(ids))]) for i in starts}
        defined = {names[i]: (i, behind) for i, behind in zip(starts, starts[1:]) if ids[i] in self.defines}
        out = []
        for i in starts:
            if ids[i] in self.begins and ids[i] not in self.defines and names[i] in defined:
                at, behind = defined[names[i]]
                for k in range(len(names[i])):
                    out += [(0, i + k, at + 1 + len(names[i]), behind), (1, i + k, at + 1 + k, at + 2 + k)]
        return out

    def copies(self, ids, learned):
        owner = [i for i, token in enumerate(ids) for _ in self.tokens[token]]
        text, turns, out = "".join(self.tokens[token] for token in ids).replace("Ġ", " ").replace("Ċ", "\n").lower(), [], {}
        for turn in TURN.finditer(text):
            begin, end = turn.span(2)
            for places in self.copied(turn, owner, ids) if turn[1] == "assistant" else ():
                head, sources = found(text, places, turns)
                for place, source in zip(places, sources):
                    i = owner[place]
                    if learned[i]:
                        out.setdefault(i, (head, i - 1, owner[source], owner[source] + 1))
            tools = text.find(TOOLS, begin, end)
            turns.append((begin, end if tools < 0 else tools))
        return list(out.values())

    def copied(self, turn, owner, ids):
        """Lists of places in the text: of the letters of the answer as a whole, and of its quoted, spelled and unknown words."""
        yield range(*turn.span(2))
        for piece in PIECES.finditer(turn.string, *turn.span(2)):
            first, last = piece.span(piece.lastindex)
            if owner[first] != owner[last - 1] or piece.lastindex < 3 and ids[owner[first]] not in self.begins:
                yield [i for i in range(first, last) if piece.lastindex != 2 or turn.string[i] != "-"]


def found(text, places, turns):
    """(head, the places that these letters are copied from): in the nearest message that has them; the last head reads backwards."""
    letters = "".join(text[i] for i in places)
    for begin, end in reversed(turns):
        at, back = text.find(letters, begin, end), text.find(letters[::-1], begin, end)
        if at >= 0:
            return 2, range(at, at + len(letters))
        if back >= 0 and len(letters) > 2:
            return 3, range(back + len(letters) - 1, back - 1, -1)
    return 2, ()


def look_loss(seen, looks):
    """Sum over the looks [n, 5] (row, head, place, first, behind) of the negative log of the attention that is where it should be."""
    total = torch.zeros(())
    for head, (layer, keys) in enumerate(HEADS):
        row, _, place, first, behind = looks[looks[:, 1] == head].unbind(1)
        given = seen[layer][0][row, keys, place].float()
        at = torch.arange(given.shape[1])
        total = total - ((given * ((at >= first[:, None]) & (at < behind[:, None]))).sum(1) + 1e-5).log().sum()
    return total
