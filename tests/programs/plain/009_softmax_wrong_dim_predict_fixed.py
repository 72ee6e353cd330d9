import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(6)


class SoftmaxRegression(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, x):
        logits = self.linear(x)
        return F.log_softmax(logits, dim=1)


X = torch.randn(30, 5)
W = torch.randn(5, 3)
y = (X @ W).argmax(1)
clf = SoftmaxRegression(5, 3)
opt = torch.optim.SGD(clf.parameters(), lr=0.5)
for epoch in range(50):
    opt.zero_grad()
    loss = F.nll_loss(clf(X), y)
    loss.backward()
    opt.step()
print("loss:", loss.item())
print("RESULT", round(loss.item(), 4), round((clf(X).argmax(1) == y).float().mean().item(), 3))
