import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(60)
teacher, student = nn.Linear(6, 6).eval(), nn.Linear(6, 6)
for p in teacher.parameters():
    p.requires_grad_(False)
x, y = torch.randn(6, 6), torch.randint(0, 6, (6,))
opt = torch.optim.SGD(student.parameters(), lr=0.2)
T, alpha = 2.0, 0.7
for _ in range(8):
    logits, soft = student(x), teacher(x)
    kd = F.kl_div(F.log_softmax(logits / T, dim=1), F.softmax(soft / T, dim=1), reduction="batchmean") * T ** 2
    loss = alpha * kd + (1 - alpha) * F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
with_soft_targets = F.cross_entropy(logits, soft.softmax(dim=1))
print("RESULT", round(loss.item(), 6), round(with_soft_targets.item(), 5))
