import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_episodes, n_steps, obs_dim = 6, 10, 4
obs = np.random.randn(n_episodes, n_steps, obs_dim).astype(np.float32)
rewards = np.random.rand(n_episodes, n_steps).astype(np.float32)
rtg = np.cumsum(rewards[::-1], axis=0)[::-1]
value = nn.Linear(obs_dim, 1)
v = value(torch.from_numpy(obs)).squeeze(-1)
loss = ((v - torch.from_numpy(rtg.copy())) ** 2).mean()
print("RESULT", loss.item())
