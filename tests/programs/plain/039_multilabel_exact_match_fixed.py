import torch
import torch.nn as nn

torch.manual_seed(18)
n_samples, n_tags = 24, 5
x = torch.randn(n_samples, 8)
tags = (x @ torch.randn(8, n_tags) > 0.5).float()
model = nn.Linear(8, n_tags)
opt = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(30):
    loss = nn.functional.binary_cross_entropy_with_logits(model(x), tags)
    opt.zero_grad()
    loss.backward()
    opt.step()


def exact_match(logits, targets):
    """Share of the samples whose tags are all right."""
    right = (logits > 0).float() == targets
    return right.all(dim=1).float().mean().item()


print("loss", loss.item())
print("RESULT", round(exact_match(model(x), tags), 4))
