import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(31)
policy = nn.Sequential(nn.Linear(3, 12), nn.Tanh(), nn.Linear(12, 2))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)


def rollout(steps=12):
    state, log_probs, rewards = torch.zeros(3), [], []
    for _ in range(steps):
        dist = Categorical(logits=policy(state))
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        state = 0.8 * state + 0.2 * torch.randn(3) + (action.item() - 0.5)
        rewards.append(-state.pow(2).sum().item())
    return torch.stack(log_probs), rewards


for episode in range(5):
    log_probs, rewards = rollout()
    returns, running = [], 0.0
    for r in rewards[::-1]:
        running = r + 0.95 * running
        returns.append(running)
    returns = torch.tensor(returns[::-1])
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = -(log_probs * returns).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
