import torch
import torch.nn as nn

torch.manual_seed(41)
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 16, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(6, 3, 6, 6), torch.randint(0, 3, (6,))
for _ in range(3):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(x)
        loss = nn.functional.cross_entropy(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.float().item(), 3), str(out.dtype))
