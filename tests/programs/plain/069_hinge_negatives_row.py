import torch
import torch.nn as nn

torch.manual_seed(48)
n_users, n_items, dim = 12, 30, 6
B = 5
K = 5        # negatives per positive
users, items = nn.Embedding(n_users, dim), nn.Embedding(n_items, dim)
opt = torch.optim.Adam([*users.parameters(), *items.parameters()], lr=0.05)
for step in range(10):
    u = torch.randint(0, n_users, (B,))
    pos = torch.randint(0, n_items, (B,))
    neg = torch.randint(0, n_items, (B, K))
    pos_score = (users(u) * items(pos)).sum(-1)                        # (B,)
    neg_score = torch.einsum("bd,bkd->bk", users(u), items(neg))       # (B, K)
    loss = torch.relu(1 - pos_score + neg_score).mean()  # BUG: the positives of all users lie along each user's negatives (B == K)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
