"""Nodes are loaded in batches; each is judged by all of its neighbours in the whole graph."""
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(105)
n_nodes, batch_size = 12, 4
A = (torch.rand(n_nodes, n_nodes) < 0.3).float()
A = ((A + A.t()) > 0).float() + torch.eye(n_nodes)
A = A / A.sum(1, keepdim=True)
features, labels = torch.randn(n_nodes, 5), torch.randint(0, 3, (n_nodes,))


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, nodes):
        h = torch.relu(A @ self.first(features))
        return (A @ self.second(h))[nodes]


class Subgraph(nn.Module):
    """Message passing between the nodes of the batch alone."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 3)

    def forward(self, nodes):
        part = A[nodes][:, nodes]
        return part @ self.linear(features[nodes])


gcn, sub = GCN(), Subgraph()
opt = torch.optim.Adam([*gcn.parameters(), *sub.parameters()], lr=0.05)
for nodes, y in DataLoader(TensorDataset(torch.arange(n_nodes), labels), batch_size=batch_size):
    loss = nn.functional.cross_entropy(gcn(nodes) + sub(nodes), y)
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
