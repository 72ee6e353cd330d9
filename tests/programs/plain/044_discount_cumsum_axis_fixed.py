import torch

torch.manual_seed(23)
n_envs, horizon = 4, 6
rewards = torch.rand(n_envs, horizon)
gamma = 0.9
discounts = gamma ** torch.arange(horizon, dtype=torch.float32)
# return from every step on: reversed cumulative sum of discounted rewards
weighted = rewards * discounts
to_go = weighted.flip(1).cumsum(1).flip(1) / discounts
baseline = to_go.mean(dim=0)
adv = to_go - baseline
print("mean return", to_go[:, 0].mean().item())
print("RESULT", [round(v, 4) for v in adv[:, 0].tolist()])
