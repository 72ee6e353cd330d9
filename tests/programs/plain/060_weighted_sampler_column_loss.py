import torch
import torch.nn as nn

torch.manual_seed(39)
# importance weights for every sample of the batch
B = 12
inputs = torch.randn(B, 5)
gt = torch.randn(B, 1)
sample_weight = torch.rand(B)
reg = nn.Linear(5, 1)
optimizer = torch.optim.SGD(reg.parameters(), lr=0.1)
for it in range(20):
    out = reg(inputs)
    err = (out - gt) ** 2                 # B x 1
    loss = (err * sample_weight).mean()  # BUG: (B, 1) times (B,): each error gets the weights of all samples
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
