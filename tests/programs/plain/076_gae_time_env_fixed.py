# PPO rollout storage, generalized advantage estimation
import torch

torch.manual_seed(55)
num_steps, num_envs = 5, 5
gamma, lam = 0.99, 0.95
rewards = torch.rand(num_steps, num_envs)
values = torch.randn(num_steps, num_envs)
dones = (torch.rand(num_steps, num_envs) < 0.2).float()
next_value = torch.randn(num_envs)

advantages = torch.zeros_like(rewards)
lastgaelam = torch.zeros(num_envs)
for t in reversed(range(num_steps)):
    nextvalues = next_value if t == num_steps - 1 else values[t + 1]
    nonterminal = 1.0 - dones[t]
    delta = rewards[t] + gamma * nextvalues * nonterminal - values[t]
    lastgaelam = delta + gamma * lam * nonterminal * lastgaelam
    advantages[t] = lastgaelam
returns = advantages + values
print("RESULT", round(returns.std().item(), 5), [round(v, 3) for v in returns[0].tolist()])
