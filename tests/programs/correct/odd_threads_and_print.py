"""Things that real scripts do: a thread, a redefined print, a lot of output, a noisy __del__."""
import builtins
import sys
import threading
import torch
import torch.nn as nn

torch.manual_seed(73)


def print(*args, **kwargs):
    builtins.print(*args, **{**kwargs, "flush": False})


class Resource:
    def __del__(self):
        raise RuntimeError("ignored by Python")


net = nn.Linear(4, 2).eval()
results = {}


def work(i):
    with torch.no_grad():
        results[i] = net(torch.full((3, 4), float(i))).sum().item()


threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for i in range(20000):
    print("line", i, "of a very talkative program")
stderr, sys.stderr = sys.stderr, open("/dev/null", "w")
Resource()
sys.stderr = stderr
print("RESULT", [round(results[i], 4) for i in sorted(results)])
