import torch
import torch.nn as nn
from torch.func import functional_call, grad, jacrev, vmap

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
params = {k: v.detach() for k, v in model.named_parameters()}
x, y = torch.randn(4, 4), torch.randint(0, 3, (4,))


def loss_of_one(params, sample, target):
    logits = functional_call(model, params, (sample.unsqueeze(0),))
    return nn.functional.cross_entropy(logits, target.unsqueeze(0))


grads = vmap(grad(loss_of_one), in_dims=(None, 0, 0))(params, x, y)
norms = torch.stack([g.flatten(1).norm(dim=1) for g in grads.values()]).norm(dim=0)
jac = vmap(jacrev(lambda s: functional_call(model, params, (s,))))(x)
dots = vmap(torch.dot)(x, x.roll(1, 0))
print("RESULT", [round(n, 4) for n in norms.tolist()], tuple(jac.shape), round(dots.sum().item(), 4))
