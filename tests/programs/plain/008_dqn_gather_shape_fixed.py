import random
from collections import deque
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)
GAMMA = 0.95
BATCH_SIZE = 8

q_net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target_net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target_net.load_state_dict(q_net.state_dict())
opt = torch.optim.Adam(q_net.parameters(), lr=0.01)

memory = deque(maxlen=100)
state = torch.randn(4)
for t in range(60):
    action = random.randrange(2)
    next_state = 0.9 * state + 0.1 * torch.randn(4) + (0.2 if action else -0.2)
    reward = -next_state.abs().sum().item()
    done = 1.0 if t % 20 == 19 else 0.0
    memory.append((state, action, reward, next_state, done))
    state = next_state

for it in range(15):
    s, a, r, s2, d = zip(*random.sample(list(memory), BATCH_SIZE))
    s, s2 = torch.stack(s), torch.stack(s2)
    a, r, d = torch.tensor(a), torch.tensor(r), torch.tensor(d)
    q = q_net(s).gather(1, a.unsqueeze(1))
    with torch.no_grad():
        q_next = target_net(s2).max(1)[0]
        target = r + GAMMA * q_next * (1 - d)
    loss = ((q.squeeze(1) - target) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
