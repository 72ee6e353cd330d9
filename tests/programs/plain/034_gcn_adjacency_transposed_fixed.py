import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(13)
edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (4, 1)]
n_nodes, n_feat, n_hidden, n_class = 5, 4, 8, 2
A = torch.eye(n_nodes)
for src, dst in edges:
    A[dst, src] = 1.0
deg = A.sum(dim=1)
A_hat = A / deg.unsqueeze(1)
X = torch.randn(n_nodes, n_feat)
y = torch.tensor([0, 1, 0, 1, 1])
W1 = nn.Linear(n_feat, n_hidden)
W2 = nn.Linear(n_hidden, n_class)
opt = torch.optim.Adam([*W1.parameters(), *W2.parameters()], lr=0.05)
for epoch in range(20):
    h = F.relu(W1(A_hat @ X))
    logits = W2(A_hat @ h)
    loss = F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
