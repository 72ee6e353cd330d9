"""Policy gradient: a batch is the steps of one rollout, and returns run over them."""
import torch
import torch.nn as nn

torch.manual_seed(106)
batch_size, obs_dim, n_actions = 10, 4, 3


def rewards_to_go(rewards, gamma=0.9):
    total, found = 0.0, torch.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        total = rewards[t] + gamma * total
        found[t] = total
    return found


def advantages(rewards, values, last, gamma=0.9, lam=0.8):
    following = torch.cat([values[1:], last.view(1)])
    delta = rewards + gamma * following - values
    found, running = torch.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        running = delta[t] + gamma * lam * running
        found[t] = running
    return (found - found.mean()) / (found.std() + 1e-8)


class Memory(nn.Module):
    """A policy with a memory: the rollout is one sequence."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(obs_dim, 8)
        self.policy, self.value = nn.Linear(8, n_actions), nn.Linear(8, 1)

    def forward(self, rollout):
        h, _ = self.gru(rollout.unsqueeze(1))
        return self.policy(h[:, 0]), self.value(h[:, 0]).squeeze(-1)


agent = Memory()
opt = torch.optim.Adam(agent.parameters(), lr=0.01)
for episode in range(4):
    obs = torch.randn(10, obs_dim)
    rewards = torch.rand(batch_size)
    logits, values = agent(obs)
    dist = torch.distributions.Categorical(logits=logits)
    actions = dist.sample()
    adv = advantages(rewards, values.detach(), torch.zeros(()))
    loss = -(dist.log_prob(actions) * adv).mean() + (rewards_to_go(rewards) - values).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
print("RESULT", round(loss.item(), 5))
