# Rebuilds a Hugging Face tokenizer from the vocabulary in a GGUF file.
# GGUF keeps pieces and scores but no merges: they follow from the vocabulary, for each piece was once merged from two others.
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4  # token types of GGUF, as llama.cpp numbers them

RESERVED = "<unused"  # 6,000 names kept free for others: each would cost every process that loads the tokenizer time


def merges_of(pieces, scores, types):
    """Every way to make a normal piece of two others, the most likely result first; the rest is never merged to."""
    rank = {piece: index for index, piece in enumerate(pieces) if types[index] == NORMAL}
    found = []
    for piece, index in rank.items():
        ways = []
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if left in rank and right in rank:
                ways.append((rank[left], rank[right], left, right))
        found.extend((-scores[index], index, left, right) for _, _, left, right in sorted(ways))
    found.sort(key=lambda way: (way[0], way[1]))  # stable: the order of a piece's own ways stays
    return [f"{left} {right}" for _, _, left, right in found]  # a normal piece writes a space as "▁"


def tokenizer_json(pieces, scores, types, bos):
    """The content of tokenizer.json. `bos` (an id) is put in front of every text that is not a rendered chat."""
    added = [
        {
            "id": index,
            "content": piece,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": kind == CONTROL,
        }
        for index, (piece, kind) in enumerate(zip(pieces, types))
        if kind in (CONTROL, USER_DEFINED) and not piece.startswith(RESERVED)
    ]
    first = {"SpecialToken": {"id": pieces[bos], "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [first, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                first,
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": pieces[bos], "type_id": 1}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {pieces[bos]: {"id": pieces[bos], "ids": [bos], "tokens": [pieces[bos]]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece: index for index, piece in enumerate(pieces)},
            "merges": merges_of(pieces, scores, types),
        },
    }
