#!/usr/bin/env python3
"""Trains the demo model on two cores. Run by hand:

  /usr/bin/python3 train.py --out DIR --minutes 70 [--resume [--progress 0.5]]

Two processes share one copy of the weights, take micro-batches until the step is full, and each updates half of the
matrices: with one thread each they keep their speed beside other work, where two threads in one process would wait
for each other. The learning rate follows the clock, not the step: constant for the first 45 % of the planned time,
then linear to zero, so a busy machine gets fewer steps and still a finished model. Seeds are fixed; the number of
steps depends on the machine.
"""
import argparse
import ctypes
import os
import pathlib
import random
import sys
import time

TUNED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "2000000000", "MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_TOP_PAD_": "200000000"}
if any(os.environ.get(k) != v for k, v in TUNED.items()):
    # Without these every large tensor is mapped and unmapped anew, which costs more than the arithmetic.
    os.environ.update(TUNED)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import torch
import torch.nn.functional as F

import chat
import dialogs
import generate
import letters
from looks import HEADS, LOOK, Looks, look_loss
from model import Model, Shape
from tokenizer import Tokenizer
from values import use_beginnings

HERE = pathlib.Path(__file__).parent
MICRO = 960       # tokens with padding in one micro-batch
PER_STEP = 4        # micro-batches in one step
POOL = 500          # examples sorted by length together
MUON_LR, ADAM_LR, CONSTANT, FIRST = 0.02, 4e-3, 0.45, 0.15


def draw(tokenizer, rng, clock):
    """One example as (token ids, whether each is learned)."""
    if rng.random() < generate.TABLES:
        parts = letters.table(rng)
    elif rng.random() < generate.CHOICES:
        parts = dialogs.choosing(rng)
    else:
        row = generate.example(rng, clock.value < FIRST)
        parts = chat.segments(row["messages"], row["tools"])
    ids, learned = [], []
    for text, own in parts:
        piece = tokenizer.encode(text)
        ids += piece
        learned += [own] * len(piece)
    return ids, learned


def batches(tokenizer, rng, limit, clock):
    """Endless micro-batches of examples of like length: (tokens, positions, targets, looks [n, 5])."""
    looks = Looks(tokenizer)
    while True:
        pool = [draw(tokenizer, rng, clock) for _ in range(POOL)]
        pool = sorted((p for p in pool if len(p[0]) <= limit), key=lambda p: len(p[0]))
        groups, group = [], []
        for item in pool:
            if group and len(item[0]) * (len(group) + 1) > MICRO:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
        rng.shuffle(groups)
        for group in groups:
            width = max(len(ids) for ids, _ in group) - 1
            tokens = torch.zeros(len(group), width, dtype=torch.long)
            target = torch.full((len(group), width), -100, dtype=torch.long)
            for i, (ids, learned) in enumerate(group):
                n = len(ids) - 1
                tokens[i, :n] = torch.tensor(ids[:-1])
                target[i, :n] = torch.tensor([t if own else -100 for t, own in zip(ids[1:], learned[1:])])
            marks = [(i, *mark) for i, (ids, learned) in enumerate(group) for mark in looks.find(ids, learned)]
            yield tokens, spread(rng, width), target, torch.tensor(marks, dtype=torch.long).reshape(-1, 5)


def spread(rng, width):
    """Positions: usually 0, 1, 2 …; sometimes with a gap, so that far distances are practised with short texts."""
    positions = torch.arange(width)
    if rng.random() < 0.06 and width > 8:
        cut = rng.randrange(4, width)
        positions[cut:] += rng.randrange(1, 2048 - width)
    return positions


def orthogonal(g):
    """Newton-Schulz: the nearest half-orthogonal matrix, roughly (Muon)."""
    tall = g.shape[0] > g.shape[1]
    x = (g.t() if tall else g).to(torch.bfloat16)
    x = x / (x.float().norm() + 1e-7).to(torch.bfloat16)
    for _ in range(5):
        a = x @ x.t()
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return (x.t() if tall else x).float()


class Optimizer:
    """Muon for the matrices of the blocks, AdamW for the embedding and the norms; only for this worker's share."""

    def __init__(self, named):
        self.named = named
        self.state = {name: {"m": torch.zeros_like(p), "v": torch.zeros_like(p)} for name, p in named}
        self.steps = 0

    def step(self, scale, count):
        self.steps += 1
        with torch.no_grad():
            for name, p in self.named:
                g, s = p.grad / count, self.state[name]
                if p.dim() == 2 and name != "embed":
                    s["m"].mul_(0.95).add_(g)
                    p.mul_(1 - 0.01 * MUON_LR * scale)
                    p.sub_(orthogonal(g + 0.95 * s["m"]) * (MUON_LR * scale * max(1.0, p.shape[0] / p.shape[1]) ** 0.5))
                else:
                    s["m"].mul_(0.9).add_(g, alpha=0.1)
                    s["v"].mul_(0.95).addcmul_(g, g, value=0.05)
                    m = s["m"] / (1 - 0.9 ** self.steps)
                    v = s["v"] / (1 - 0.95 ** self.steps)
                    p.sub_(m / (v.sqrt() + 1e-10) * (ADAM_LR * scale))


def rate(progress):
    warm = min(1.0, progress / 0.01 + 0.05)
    return warm * (1.0 if progress < CONSTANT else max(0.0, (1 - progress) / (1 - CONSTANT)))


def share(named, rank):
    """Splits the parameters so that both workers have the same number of matrices."""
    return [(n, p) for n, p in named if ((int(n.split(".")[1]) if n.startswith("blocks") else 0) + rank) % 2 == 0]


def worker(rank, args, flat, grads, sync):
    torch.set_num_threads(1)
    torch.manual_seed(5)
    tokenizer = Tokenizer.load(HERE / "vocabulary.json")
    use_beginnings(tokenizer.beginnings())
    model = Model(Shape(vocab=len(tokenizer.tokens)))
    named = list(model.named_parameters())
    at = 0
    for _, p in named:
        size = p.numel()
        if rank == 0 and not args.resume:
            flat[at:at + size] = p.data.reshape(-1)
        p.data = flat[at:at + size].view(p.shape)
        p.grad = grads[rank][at:at + size].view(p.shape)
        at += size
    optimizer = Optimizer(share(named, rank))
    start, tokens_seen, step = 0.0, 0, 0
    saved = args.out / f"state{rank}.pt"
    if args.resume:
        state = torch.load(saved)
        optimizer.state, optimizer.steps, start, step, tokens_seen = state["state"], state["steps"], state["elapsed"], state["step"], state["tokens"]
        if args.progress is not None:
            start = args.progress * args.minutes * 60
        if rank == 0:
            with torch.no_grad():
                flat.copy_(torch.load(args.out / "weights.pt")["flat"])
    source = batches(tokenizer, random.Random(1_000_003 * (rank + 1) + step), args.limit, sync[4])
    barrier, ticket, counts, stop, clock = sync
    barrier.wait()
    began, last_log, last_save = time.time(), time.time(), time.time()
    logged, looked = [0.0, 0], [0.0, 0]
    while True:
        if rank == 0:
            elapsed = start + time.time() - began
            clock.value = elapsed / (args.minutes * 60)
            if clock.value >= 1 or (args.out / "stop").exists():
                stop.value = 1
            ticket.value = 0
        barrier.wait()
        if stop.value:
            break
        loss_sum, learned_sum, token_sum = 0.0, 0, 0
        while True:
            with ticket.get_lock():
                if ticket.value >= PER_STEP:
                    break
                ticket.value += 1
            tokens, positions, target, looks = next(source)
            chosen, seen = target >= 0, {layer: [] for layer, _ in HEADS} if len(looks) else {}
            hidden = model.hidden(tokens, positions, torch.bfloat16, wanted=chosen, seen=seen)
            loss = F.cross_entropy(model.logits(hidden).float(), target[chosen], reduction="sum")
            look = look_loss(seen, looks) if len(looks) else torch.zeros(())
            (loss + LOOK * look).backward()
            looked[0] += look.item()
            looked[1] += len(looks)
            loss_sum, learned_sum, token_sum = loss_sum + loss.item(), learned_sum + int(chosen.sum()), token_sum + tokens.numel()
        counts[rank * 3], counts[rank * 3 + 1], counts[rank * 3 + 2] = loss_sum, learned_sum, token_sum
        barrier.wait()
        other = 1 - rank
        at = 0
        mine = {n for n, _ in optimizer.named}
        for name, p in named:
            if name in mine:
                p.grad += grads[other][at:at + p.numel()].view(p.shape)
            at += p.numel()
        scale = rate(clock.value)
        optimizer.step(scale, max(1.0, counts[1] + counts[4]))
        barrier.wait()
        grads[rank].zero_()
        step += 1
        tokens_seen += int(counts[2] + counts[5])
        if rank == 0:
            logged[0] += counts[0] + counts[3]
            logged[1] += counts[1] + counts[4]
            if step % 50 == 0:
                now = time.time()
                print(f"{time.strftime('%H:%M:%S')} step {step} progress {clock.value:.3f} rate {scale:.3f} loss {logged[0] / max(1, logged[1]):.4f} looks {looked[0] / max(1, looked[1]):.3f} tokens {tokens_seen / 1e6:.2f}M "
                      f"{50 * (counts[2] + counts[5]) / (now - last_log):.0f}/s", flush=True)
                last_log, logged, looked = now, [0.0, 0], [0.0, 0]
        if (time.time() - last_save > 180 if rank == 0 else False):
            stop.value = -1
        barrier.wait()
        if stop.value == -1:
            keep(args, rank, model, optimizer, start + time.time() - began, step, tokens_seen, flat)
            barrier.wait()
            if rank == 0:
                stop.value, last_save = 0, time.time()
    keep(args, rank, model, optimizer, start + time.time() - began, step, tokens_seen, flat)
    if rank == 0:
        print(f"finished: {step} steps, {tokens_seen / 1e6:.2f} M tokens, {(start + time.time() - began) / 60:.1f} minutes", flush=True)


def keep(args, rank, model, optimizer, elapsed, step, tokens, flat):
    torch.save({"state": optimizer.state, "steps": optimizer.steps, "elapsed": elapsed, "step": step, "tokens": tokens}, args.out / f"state{rank}.tmp")
    os.replace(args.out / f"state{rank}.tmp", args.out / f"state{rank}.pt")
    if rank == 0:
        torch.save({"flat": flat.clone(), "weights": {n: p.data.clone() for n, p in model.named_parameters()}, "step": step, "tokens": tokens, "elapsed": elapsed}, args.out / "weights.tmp")
        os.replace(args.out / "weights.tmp", args.out / "weights.pt")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--limit", type=int, default=1000, help="longest example in tokens")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--progress", type=float, help="with --resume: the part of the planned time that counts as passed, and with it the learning rate")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    size = sum(p.numel() for p in Model(Shape(vocab=len(Tokenizer.load(HERE / "vocabulary.json").tokens))).parameters())
    context = torch.multiprocessing.get_context("spawn")
    flat, grads = torch.zeros(size).share_memory_(), [torch.zeros(size).share_memory_() for _ in range(2)]
    sync = (context.Barrier(2), context.Value(ctypes.c_int, 0), context.Array(ctypes.c_double, 6, lock=False), context.Value(ctypes.c_int, 0), context.Value(ctypes.c_double, 0.0))
    print(f"{size / 1e6:.2f} M parameters", flush=True)
    others = [context.Process(target=worker, args=(rank, args, flat, grads, sync)) for rank in range(2)]
    for process in others:
        process.start()
    for process in others:
        process.join()
    sys.exit(max(abs(process.exitcode) for process in others))


if __name__ == "__main__":
    main()
