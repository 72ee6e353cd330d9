import torch

torch.manual_seed(23)
n_envs, horizon = 4, 6
rewards = torch.rand(n_envs, horizon)
gamma = 0.9
discounts = gamma ** torch.arange(horizon, dtype=torch.float32)
# return from every step on: reversed cumulative sum of discounted rewards
weighted = rewards * discounts
to_go = weighted.flip(0).cumsum(0).flip(0) / discounts  # BUG: the sum must run over time (dim 1), this one runs over the environments
baseline = to_go.mean(dim=0)
adv = to_go - baseline
print("mean return", to_go[:, 0].mean().item())
print("RESULT", [round(v, 4) for v in adv[:, 0].tolist()])
