"""transformers in Python as its documentation has it used, on a checkpoint of safetensors.

Prints the figures that figures.ts describes. Arguments: folder, picture, tokens, dtype (float32 or bfloat16),
device (cpu or cuda), question.
"""

import json
import resource
import sys
import time

import torch
from PIL import Image
from transformers import AutoProcessor, PaliGemmaForConditionalGeneration
from transformers.generation.streamers import BaseStreamer


class Watch(BaseStreamer):
    """Notes when each token comes; the first call brings the prompt."""

    def __init__(self):
        self.times = []
        self.said = []

    def put(self, value):
        # On a graphics card, to read the token is to wait for it.
        self.said.append(value.flatten()[-1].item())
        self.times.append(time.perf_counter())

    def end(self):
        pass


folder, picture, tokens, dtype, device, question = sys.argv[1:]
started = time.perf_counter()
processor = AutoProcessor.from_pretrained(folder)
model = PaliGemmaForConditionalGeneration.from_pretrained(folder, dtype=getattr(torch, dtype)).to(device).eval()
loaded = time.perf_counter()

if device == "cuda":
    # The first call compiles kernels, which an owner waits for once.
    warm = processor(text=f"<image>answer en {question}", images=Image.open(picture).convert("RGB"), return_tensors="pt")
    model.generate(**warm.to(device, getattr(torch, dtype)), max_new_tokens=2, min_new_tokens=2, do_sample=False)

asked = time.perf_counter()
image = Image.open(picture).convert("RGB")
inputs = processor(text=f"<image>answer en {question}", images=image, return_tensors="pt").to(device, getattr(torch, dtype))
watch = Watch()
with torch.inference_mode():
    model.generate(
        **inputs, max_new_tokens=int(tokens), min_new_tokens=int(tokens), do_sample=False, streamer=watch
    )
_, first, *later = watch.times
print(
    json.dumps(
        {
            "load": (loaded - started) * 1000,
            "firstToken": (first - asked) * 1000,
            "answer": ((later or [first])[-1] - asked) * 1000,
            "tokens": 1 + len(later),
            "said": watch.said[1:],
            "peakMemory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
