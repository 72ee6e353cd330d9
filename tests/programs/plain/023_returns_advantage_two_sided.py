import numpy as np
import torch
import torch.nn as nn
from torch.distributions import Categorical

np.random.seed(1)
torch.manual_seed(1)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(4, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)

    def forward(self, s):
        h = torch.relu(self.affine(s))
        return torch.softmax(self.action_head(h), dim=-1), self.value_head(h)


pi = Policy()
optimizer = torch.optim.Adam(pi.parameters(), lr=0.02)
for episode in range(5):
    obs, rewards = np.random.randn(15, 4).astype(np.float32), []
    probs, values = pi(torch.from_numpy(obs))
    dist = Categorical(probs)
    actions = dist.sample()
    for t in range(15):
        rewards.append(1.0 if actions[t].item() == int(obs[t, 0] > 0) else -1.0)
    R, returns = 0.0, []
    for r in reversed(rewards):
        R = r + 0.9 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    advantage = returns - values  # BUG: returns (15,) minus values (15, 1) is a (15, 15) table
    actor_loss = -(dist.log_prob(actions) * advantage.detach()).mean()
    critic_loss = advantage.pow(2).mean()
    loss = actor_loss + 0.5 * critic_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("episode", episode, "reward", sum(rewards))
print("RESULT", round(loss.item(), 5))
