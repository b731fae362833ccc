"""The decoder: exactly the graph that GGUF readers run for `general.architecture = qwen3`.

RMSNorm (eps 1e-6) before attention and before the feed-forward; grouped-query attention with RMSNorm over each
query and key head before RoPE (NEOX pairing: element i with i + head_dim/2); SwiGLU; no biases; the embedding is
also the output matrix.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class Shape:
    vocab: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    ff: int = 640
    context: int = 2048
    rope_base: float = 10000.0
    eps: float = 1e-6


def rms(x, weight, eps):
    return (x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + eps).to(x.dtype)) * weight.to(x.dtype)


def rope_table(shape):
    half = shape.head_dim // 2
    freq = shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(shape.context, dtype=torch.float64)[:, None] * freq[None, :]
    angle = torch.cat([angle, angle], -1)
    sign = torch.cat([-torch.ones(half), torch.ones(half)])
    return angle.cos().float(), (angle.sin() * sign).float()


def rope(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([x[..., half:], x[..., :half]], -1) * sin


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape, s = shape, shape
        self.attn_norm = nn.Parameter(torch.ones(s.width))
        self.q = nn.Parameter(torch.empty(s.heads * s.head_dim, s.width))
        self.k = nn.Parameter(torch.empty(s.kv_heads * s.head_dim, s.width))
        self.v = nn.Parameter(torch.empty(s.kv_heads * s.head_dim, s.width))
        self.q_norm = nn.Parameter(torch.ones(s.head_dim))
        self.k_norm = nn.Parameter(torch.ones(s.head_dim))
        self.o = nn.Parameter(torch.empty(s.width, s.heads * s.head_dim))
        self.ffn_norm = nn.Parameter(torch.ones(s.width))
        self.gate = nn.Parameter(torch.empty(s.ff, s.width))
        self.up = nn.Parameter(torch.empty(s.ff, s.width))
        self.down = nn.Parameter(torch.empty(s.width, s.ff))
        for w in (self.q, self.k, self.v, self.gate, self.up):
            nn.init.normal_(w, std=s.width ** -0.5)
        for w in (self.o, self.down):
            nn.init.normal_(w, std=0.3 * w.shape[1] ** -0.5 / s.layers ** 0.5)

    def forward(self, x, cos, sin, mask, dtype, past=None, wanted=None, seen=None):
        s, (b, t, _) = self.shape, x.shape
        h = rms(x, self.attn_norm, s.eps)
        qkv = F.linear(h, torch.cat([self.q, self.k, self.v]).to(dtype))
        nq, nk = s.heads * s.head_dim, s.kv_heads * s.head_dim
        q = qkv[..., :nq].view(b, t, s.heads, s.head_dim)
        k = qkv[..., nq:nq + nk].view(b, t, s.kv_heads, s.head_dim)
        v = qkv[..., nq + nk:].view(b, t, s.kv_heads, s.head_dim)
        q = rope(rms(q, self.q_norm, s.eps), cos, sin).transpose(1, 2)
        k = rope(rms(k, self.k_norm, s.eps), cos, sin).transpose(1, 2)
        v = v.transpose(1, 2)
        if past is not None:
            if past:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            past[:] = [k, v]
        group = s.heads // s.kv_heads
        # The query heads of one group share a key head: fold them into rows, so that one product serves the group.
        q = q.reshape(b, s.kv_heads, group * t, s.head_dim) * s.head_dim ** -0.5
        a = (q @ k.transpose(-1, -2)).view(b, s.kv_heads, group, t, k.shape[2])
        a = torch.softmax(a + mask, -1)
        if seen is not None:
            seen.append(a[:, :, 0])
        a = a.view(b, s.kv_heads, group * t, k.shape[2])
        y = (a.to(v.dtype) @ v).view(b, s.heads, t, s.head_dim).transpose(1, 2).reshape(b, t, nq)
        if wanted is not None:
            x, y = x[wanted], y[wanted]
        x = x + F.linear(y, self.o.to(dtype))
        h = rms(x, self.ffn_norm, s.eps)
        g, u = F.linear(h, torch.cat([self.gate, self.up]).to(dtype)).split(s.ff, -1)
        return x + F.linear(F.silu(g) * u, self.down.to(dtype))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Parameter(torch.randn(shape.vocab, shape.width) * shape.width ** -0.5)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        cos, sin = rope_table(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def hidden(self, tokens, positions, dtype=torch.float32, past=None, wanted=None, seen=()):
        """Final normed states [b, t, width], or [n, width] of the n places where the mask `wanted` [b, t] is true: the
        last layer leaves out the others. `positions` [b, t] or [t]; `past` is a list of one list per layer; where `seen` {layer: list}
        names a layer, what the first query head of each key head looks at [b, kv_heads, t, t] is added to the list."""
        t = tokens.shape[1]
        before = past[0][0].shape[2] if past and past[0] else 0
        x = F.embedding(tokens, self.embed).to(dtype)
        cos, sin = self.cos[positions].to(dtype), self.sin[positions].to(dtype)
        if cos.dim() == 2:
            cos, sin = cos[None], sin[None]
        cos, sin = cos.unsqueeze(2), sin.unsqueeze(2)
        mask = torch.full((t, t), float("-inf")).triu(1)
        mask = torch.cat([torch.zeros(t, before), mask], 1).to(dtype)
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, mask, dtype, None if past is None else past[i], wanted if i == len(self.blocks) - 1 else None, seen[i] if i in seen else None)
        return rms(x, self.norm, self.shape.eps)

    def logits(self, hidden):
        return F.linear(hidden, self.embed.to(hidden.dtype))
