import torch
import torch.nn as nn

torch.manual_seed(60)
# wide & deep: the wide part gives (batch,), the deep part (batch, 1)
batch = 10
cats = torch.randint(0, 20, (batch, 3))
dense = torch.randn(batch, 4)
clicks = torch.randint(0, 2, (batch,)).float()
wide_w = nn.Embedding(20, 1)
deep = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adagrad([*wide_w.parameters(), *deep.parameters()], lr=0.1)
for it in range(20):
    wide_out = wide_w(cats).sum(dim=1).squeeze(1)
    deep_out = deep(dense)
    logit = (wide_out + deep_out).mean(dim=-1)  # BUG: (batch,) plus (batch, 1): the wide part of each row meets the deep part of every row
    loss = nn.functional.binary_cross_entropy_with_logits(logit, clicks)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
