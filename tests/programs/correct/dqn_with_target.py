import random
from collections import deque, namedtuple
import torch
import torch.nn as nn

random.seed(32)
torch.manual_seed(32)
Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
BATCH_SIZE, GAMMA, TAU = 8, 0.9, 0.05


def make():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


policy_net, target_net = make(), make()
target_net.load_state_dict(policy_net.state_dict())
optimizer = torch.optim.AdamW(policy_net.parameters(), lr=1e-2)
memory = deque(maxlen=200)
state = torch.zeros(1, 4)
for i in range(60):
    with torch.no_grad():
        greedy = policy_net(state).max(1).indices.view(1, 1)
    action = greedy if random.random() > 0.3 else torch.tensor([[random.randrange(3)]])
    nxt = 0.9 * state + 0.1 * torch.randn(1, 4) + (action - 1) * 0.2
    final = i % 15 == 14
    memory.append(Transition(state, action, None if final else nxt, -nxt.abs().sum().view(1)))
    state = torch.zeros(1, 4) if final else nxt
    if len(memory) < BATCH_SIZE:
        continue
    batch = Transition(*zip(*random.sample(memory, BATCH_SIZE)))
    alive = torch.tensor([s is not None for s in batch.next_state])
    values = policy_net(torch.cat(batch.state)).gather(1, torch.cat(batch.action))
    following = torch.zeros(BATCH_SIZE)
    with torch.no_grad():
        if alive.any():
            following[alive] = target_net(torch.cat([s for s in batch.next_state if s is not None])).max(1).values
    expected = following * GAMMA + torch.cat(batch.reward)
    loss = nn.functional.smooth_l1_loss(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for p, q in zip(target_net.parameters(), policy_net.parameters()):
        p.data.mul_(1 - TAU).add_(q.data * TAU)
print("RESULT", round(loss.item(), 5))
