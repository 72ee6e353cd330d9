import torch
import torch.nn as nn

torch.manual_seed(22)
T = 3
n_actions = 3
obs = torch.randn(T, 5)
policy = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, n_actions))
acts = torch.tensor([2, 0, 1])
rewards = torch.tensor([1.0, 0.5, -1.0])
optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
for i in range(5):
    logp = torch.log_softmax(policy(obs), dim=-1)          # T x n_actions
    chosen = logp.gather(1, acts.unsqueeze(1)).squeeze(1)
    loss = -(chosen * rewards).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 6))
