"""Dynamic programming over two time series, and a Viterbi decoder, both with loops over cells."""
import torch

torch.manual_seed(71)
a, b = torch.randn(6).cumsum(0), torch.randn(6).cumsum(0)
cost = (a[:, None] - b[None, :]).abs()
D = torch.full((7, 7), float("inf"))
D[0, 0] = 0
for i in range(1, 7):
    for j in range(1, 7):
        D[i, j] = cost[i - 1, j - 1] + torch.min(torch.stack([D[i - 1, j], D[i, j - 1], D[i - 1, j - 1]]))
n_states, T, N = 4, 4, 4
trans = torch.randn(n_states, n_states).log_softmax(dim=1)
emit = torch.randn(N, T, n_states)
score, back = emit[:, 0], []
for t in range(1, T):
    best, arg = (score.unsqueeze(2) + trans.unsqueeze(0)).max(dim=1)
    back.append(arg)
    score = best + emit[:, t]
path = [score.argmax(dim=1)]
for arg in reversed(back):
    path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
path = torch.stack(path[::-1], dim=1)
alpha = emit[:, 0]
for t in range(1, T):
    alpha = torch.logsumexp(alpha.unsqueeze(2) + trans, dim=1) + emit[:, t]
print("RESULT", round(D[6, 6].item(), 4), path.tolist(), round(alpha.logsumexp(dim=1).sum().item(), 4))
