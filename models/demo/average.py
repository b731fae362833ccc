#!/usr/bin/env python3
"""Averages two checkpoints of one training: `average.py A/weights.pt B/weights.pt SHARE OUT.pt`; SHARE is the part of B.

Where B was trained on from A, the average is often better than both. OUT.pt takes step and tokens from B.
"""
import sys

import torch


def main():
    a, b, share = torch.load(sys.argv[1]), torch.load(sys.argv[2]), float(sys.argv[3])
    if a["flat"].shape != b["flat"].shape or list(a["weights"]) != list(b["weights"]):
        raise SystemExit(f"{sys.argv[1]} and {sys.argv[2]} are not of one model: {a['flat'].numel()} and {b['flat'].numel()} parameters")
    weights = {name: torch.lerp(a["weights"][name], b["weights"][name], share) for name in b["weights"]}
    torch.save({**b, "flat": torch.lerp(a["flat"], b["flat"], share), "weights": weights}, sys.argv[4])


if __name__ == "__main__":
    main()
