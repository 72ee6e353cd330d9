import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_envs, n_steps, obs_dim = 4, 6, 3
rewards = np.random.rand(n_steps, n_envs); values = np.random.rand(n_steps + 1, n_envs); dones = (np.random.rand(n_steps, n_envs) < 0.1).astype(float)
adv = np.zeros((n_steps, n_envs)); last = np.zeros(n_envs)
for t in reversed(range(n_steps)):
    delta = rewards[t] + 0.99 * values[t + 1] * (1 - dones[t]) - values[t]
    last = delta + 0.99 * 0.95 * (1 - dones[t]) * last
    adv[t] = last
returns = adv + values[:-1]
adv = (adv - adv.mean()) / (adv.std() + 1e-8)
rtg = np.cumsum(rewards[::-1], axis=0)[::-1]
obs = np.random.randn(n_steps, n_envs, obs_dim).astype(np.float32)
flat_obs = obs.reshape(-1, obs_dim); flat_adv = adv.reshape(-1); flat_ret = returns.reshape(-1)
f2 = obs.swapaxes(0, 1).reshape(n_steps * n_envs, obs_dim)
buf = np.zeros((100, obs_dim), dtype=np.float32)
for i in range(20):
    buf[i % 100] = np.random.randn(obs_dim)
batch = buf[np.random.randint(0, 20, size=8)]
actions = np.array([1, 0, 1, 1, 0, 0, 1, 0])
q = np.random.rand(8, 2); best = q[np.arange(8), actions]; target = 1.0 + 0.9 * q.max(axis=1)
td = target - best
net = nn.Linear(obs_dim, 1)
v = net(torch.from_numpy(flat_obs)).squeeze(-1)
loss = ((v - torch.tensor(flat_ret, dtype=torch.float32)) ** 2).mean()
q_table = np.zeros((5, 2)); s = 0
for k in range(30):
    a = int(q_table[s].argmax()); s2 = (s + 1) % 5
    q_table[s, a] += 0.1 * (1.0 + 0.9 * q_table[s2].max() - q_table[s, a]); s = s2
print("RESULT", round(loss.item(), 5), td.shape, rtg.shape, f2.shape, q_table.sum().round(4), batch.shape)
