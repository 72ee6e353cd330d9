# knowledge distillation, teacher is frozen
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(7)
T = 3.0
teacher = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 5)).eval()
student = nn.Linear(6, 5)
x = torch.randn(16, 6)
opt = torch.optim.SGD(student.parameters(), lr=0.3)
kd = nn.KLDivLoss(reduction="batchmean")
for step in range(20):
    with torch.no_grad():
        soft_targets = F.softmax(teacher(x) / T, dim=1)
    soft_prob = F.log_softmax(student(x) / T, dim=0)  # BUG: the student's distribution runs over the batch, the teacher's over the classes
    loss = kd(soft_prob, soft_targets) * T * T
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
