import torch
import torch.nn as nn

torch.manual_seed(45)
model = nn.Sequential(nn.Linear(5, 10), nn.GELU(), nn.Linear(10, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=4)
x, y = torch.randn(24, 5), torch.randint(0, 2, (24,))
accumulation_steps = 3
for epoch in range(4):
    for i, (xb, yb) in enumerate(zip(x.split(4), y.split(4))):
        loss = nn.functional.cross_entropy(model(xb), yb) / accumulation_steps
        loss.backward()
        if (i + 1) % accumulation_steps == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
    scheduler.step()
print("RESULT", round(loss.item(), 6), scheduler.get_last_lr())
