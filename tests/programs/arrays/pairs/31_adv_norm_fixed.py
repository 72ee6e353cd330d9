import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
T = 25
obs = np.random.randn(T, 3).astype(np.float32); rewards = np.random.rand(T)
critic, actor = nn.Linear(3, 1), nn.Linear(3, 2)
values = critic(torch.from_numpy(obs)).detach().numpy()
returns = np.zeros(T); R = 0.0
for t in reversed(range(T)):
    R = rewards[t] + 0.99 * R
    returns[t] = R
adv = returns - values[:, 0]
adv = (adv - adv.mean()) / (adv.std() + 1e-8)
dist = torch.distributions.Categorical(logits=actor(torch.from_numpy(obs))); a = dist.sample()
loss = -(dist.log_prob(a) * torch.tensor(adv, dtype=torch.float32)).mean()
print("RESULT", loss.item())
