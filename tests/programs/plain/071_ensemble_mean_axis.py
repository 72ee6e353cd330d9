import torch
import torch.nn as nn

torch.manual_seed(50)
models = [nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)) for _ in range(5)]
test_x = torch.randn(5, 4)
test_y = torch.randint(0, 3, (5,))
with torch.no_grad():
    votes = torch.stack([m(test_x).softmax(dim=-1) for m in models])      # models x samples x classes
    probs = votes.mean(dim=1)  # BUG: dim 0 are the models (5 of them, and 5 samples)
    nll = -probs[torch.arange(5), test_y].log().mean()
print("RESULT", round(nll.item(), 5))
