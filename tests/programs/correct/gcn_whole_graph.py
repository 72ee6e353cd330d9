"""A graph convolution over all nodes at once; train and test nodes are picked by a mask."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(6)
N, n_features, hidden, n_classes = 8, 8, 8, 3
edge_index = torch.randint(0, N, (2, 20))
A = torch.zeros(N, N)
A[edge_index[0], edge_index[1]] = 1.0
A = ((A + A.t()) > 0).float() + torch.eye(N)
d_inv_sqrt = A.sum(1).pow(-0.5)
A_hat = d_inv_sqrt[:, None] * A * d_inv_sqrt[None, :]


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1, self.w2 = nn.Linear(n_features, hidden, bias=False), nn.Linear(hidden, n_classes, bias=False)

    def forward(self, x, adj):
        return adj @ self.w2(F.relu(adj @ self.w1(x)))


x, y = torch.randn(N, n_features), torch.randint(0, n_classes, (N,))
train_mask = torch.arange(N) < 5
gcn = GCN()
opt = torch.optim.Adam(gcn.parameters(), lr=0.05)
for _ in range(10):
    out = gcn(x, A_hat)
    loss = F.cross_entropy(out[train_mask], y[train_mask])
    opt.zero_grad()
    loss.backward()
    opt.step()
messages = torch.zeros(N, n_features).index_add_(0, edge_index[1], x[edge_index[0]])
print("RESULT", round(loss.item(), 5), round(messages.sum().item(), 3))
