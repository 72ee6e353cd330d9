import torch
from torch.nn import functional as F

torch.manual_seed(65)
n_train, n_test, d, k = 20, 5, 5, 5
centres = torch.randn(3, d) * 3
y_train = torch.randint(0, 3, (n_train,))
x_train = centres[y_train] + torch.randn(n_train, d)
y_test = torch.randint(0, 3, (n_test,))
x_test = centres[y_test] + torch.randn(n_test, d)
d2 = (x_test ** 2).sum(1, keepdim=True) - 2 * x_test @ x_train.T + (x_train ** 2).sum(1)
nearest = d2.topk(k, dim=1, largest=False).indices
votes = F.one_hot(y_train[nearest], 3).sum(dim=1)
predicted = votes.argmax(dim=1)
leave_one_out = torch.cdist(x_train, x_train)
leave_one_out.fill_diagonal_(float("inf"))
loo = (y_train[leave_one_out.argmin(dim=0)] == y_train).float().mean()
ranks = (F.cosine_similarity(x_test[:, None], x_train[None], dim=-1)).argsort(dim=1, descending=True)
print("RESULT", predicted.tolist(), y_test.tolist(), round(loo.item(), 4), ranks[:, 0].tolist())
