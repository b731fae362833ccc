#!/usr/bin/env python3
"""Writes trained weights as GGUF v3: `export_gguf.py DIR/weights.pt flotilla-demo.gguf`.

Matrices are Q8_0 (32 values share one half-precision scale), norms are F32; the output matrix is the embedding.
"""
import pathlib
import struct
import sys

import numpy
import torch

import chat
from model import Shape
from tokenizer import Tokenizer

HERE = pathlib.Path(__file__).parent
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
TYPE_F32, TYPE_Q8_0, ALIGN = 0, 8, 32
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
NAMES = {"attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "q_norm": "attn_q_norm", "k_norm": "attn_k_norm", "o": "attn_output",
         "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}


def string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, value):
    head = string(key) + struct.pack("<I", kind)
    if kind == STRING:
        return head + string(value)
    if kind == ARRAY:
        inner, items = value
        body = b"".join(string(i) for i in items) if inner == STRING else struct.pack(f"<{len(items)}i", *items)
        return head + struct.pack("<IQ", inner, len(items)) + body
    return head + struct.pack({U32: "<I", F32: "<f", BOOL: "<?"}[kind], value)


def q8_0(matrix):
    blocks = matrix.reshape(-1, 32).astype(numpy.float32)
    scale = (numpy.abs(blocks).max(1) / 127).astype(numpy.float16)
    divisor = scale.astype(numpy.float32)
    inverse = numpy.divide(1, divisor, out=numpy.zeros_like(divisor), where=divisor > 0)
    values = numpy.clip(numpy.rint(blocks * inverse[:, None]), -127, 127).astype(numpy.int8)
    return numpy.concatenate([scale.view(numpy.int8).reshape(-1, 2), values], 1).tobytes()


def gguf_name(name):
    if name in ("embed", "norm"):
        return {"embed": "token_embd.weight", "norm": "output_norm.weight"}[name]
    _, layer, part = name.split(".")
    return f"blk.{layer}.{NAMES[part]}.weight"


def write(weights, path):
    tokenizer = Tokenizer.load(HERE / "vocabulary.json")
    shape = Shape(vocab=len(tokenizer.tokens))
    types = [NORMAL] * tokenizer.first_special + [CONTROL] * len(chat.SPECIAL) + [USER_DEFINED] * len(chat.USER_DEFINED)
    meta = [
        entry("general.architecture", STRING, "qwen3"), entry("general.type", STRING, "model"), entry("general.name", STRING, "flotilla-demo"),
        entry("general.description", STRING, "A small demonstration model, trained from generated text only."), entry("general.license", STRING, "apache-2.0"),
        entry("general.file_type", U32, 7), entry("general.quantization_version", U32, 2), entry("general.alignment", U32, ALIGN),
        entry("qwen3.context_length", U32, shape.context), entry("qwen3.embedding_length", U32, shape.width), entry("qwen3.block_count", U32, shape.layers),
        entry("qwen3.feed_forward_length", U32, shape.ff), entry("qwen3.attention.head_count", U32, shape.heads), entry("qwen3.attention.head_count_kv", U32, shape.kv_heads),
        entry("qwen3.attention.key_length", U32, shape.head_dim), entry("qwen3.attention.value_length", U32, shape.head_dim),
        entry("qwen3.attention.layer_norm_rms_epsilon", F32, shape.eps), entry("qwen3.rope.freq_base", F32, shape.rope_base), entry("qwen3.vocab_size", U32, shape.vocab),
        entry("tokenizer.ggml.model", STRING, "gpt2"), entry("tokenizer.ggml.pre", STRING, "qwen2"), entry("tokenizer.ggml.tokens", ARRAY, (STRING, tokenizer.tokens)),
        entry("tokenizer.ggml.token_type", ARRAY, (I32, types)), entry("tokenizer.ggml.merges", ARRAY, (STRING, [" ".join(m) for m in tokenizer.merges])),
        entry("tokenizer.ggml.bos_token_id", U32, tokenizer.end_of_text), entry("tokenizer.ggml.eos_token_id", U32, tokenizer.im_end),
        entry("tokenizer.ggml.padding_token_id", U32, tokenizer.end_of_text), entry("tokenizer.ggml.add_bos_token", BOOL, False), entry("tokenizer.ggml.add_eos_token", BOOL, False),
        entry("tokenizer.chat_template", STRING, chat.TEMPLATE),
    ]
    infos, data = [], bytearray()
    for name, tensor in weights.items():
        values = tensor.float().numpy()
        matrix = values.ndim == 2
        data += b"\0" * (-len(data) % ALIGN)
        dims = values.shape[::-1]
        infos.append(string(gguf_name(name)) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, TYPE_Q8_0 if matrix else TYPE_F32, len(data)))
        data += q8_0(values) if matrix else values.astype("<f4").tobytes()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(meta)) + b"".join(meta) + b"".join(infos)
    path.write_bytes(head + b"\0" * (-len(head) % ALIGN) + bytes(data))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {len(infos)} tensors, {shape.vocab} tokens")


if __name__ == "__main__":
    write(torch.load(sys.argv[1])["weights"], pathlib.Path(sys.argv[2]))
