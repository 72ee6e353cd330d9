import torch
from torch import nn

torch.manual_seed(10)
# 40 patients, 6 measurements on very different scales
scales = torch.tensor([1.0, 10.0, 100.0, 0.1, 5.0, 50.0])
patients = torch.randn(40, 6) * scales + scales
risk = (patients[:, 2] > 100).float()

mean, std = patients.mean(dim=1, keepdim=True), patients.std(dim=1, keepdim=True)  # BUG: one mean for each patient over unlike measurements, instead of one for each measurement
x = (patients - mean) / std

clf = nn.Linear(6, 1)
opt = torch.optim.SGD(clf.parameters(), lr=0.5)
for epoch in range(40):
    logit = clf(x).squeeze(1)
    loss = nn.functional.binary_cross_entropy_with_logits(logit, risk)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 4))
