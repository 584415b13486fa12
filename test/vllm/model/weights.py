# Reads the tensors of a Gemma 3 GGUF file and writes them as one safetensors file in bfloat16.
import json
import struct

import numpy
from gguf import dequantize

# Name in GGUF -> name in Hugging Face's Gemma 3; in a block, `blk.N.` -> `model.layers.N.`.
OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
INSIDE = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
}


def hugging_face_name(name):
    stem = name.removesuffix(".weight")
    if stem in OUTSIDE:
        return f"{OUTSIDE[stem]}.weight"
    block, index, part = stem.split(".")
    if block != "blk":
        raise ValueError(f"unknown tensor {name}")
    return f"model.layers.{index}.{INSIDE[part]}.weight"


def bfloat16(values):
    """float32 -> the upper half of its bits, rounded to the nearest, ties to even."""
    bits = values.astype(numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def converted(tensor):
    values = dequantize(tensor.data, tensor.tensor_type)
    # llama.cpp stores a norm's weight plus one, Hugging Face without the one.
    if tensor.name.endswith("_norm.weight"):
        values = values - numpy.float32(1)
    return bfloat16(values)


def write_safetensors(tensors, path):
    """Two passes, for the header with every offset comes first and the whole model need not be held at once."""
    ordered = sorted(tensors, key=lambda tensor: hugging_face_name(tensor.name))
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for tensor in ordered:
        shape = [int(size) for size in reversed(tensor.shape)]  # GGUF names the fastest dimension first
        end = offset + 2 * int(numpy.prod(shape))
        header[hugging_face_name(tensor.name)] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for tensor in ordered:
            file.write(converted(tensor).tobytes())
