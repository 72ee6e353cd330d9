import torch
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
torch.manual_seed(0)
class Sq(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w): ctx.save_for_backward(x, w); return x @ w
    @staticmethod
    def backward(ctx, g): x, w = ctx.saved_tensors; print("back", g.shape); return g @ w.t(), x.t() @ g
x, w = torch.ones(3, 4, requires_grad=True), torch.ones(4, 2, requires_grad=True)
Sq.apply(x, w).sum().backward(); print(w.grad)
net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 2)); torch.manual_seed(1)
y = checkpoint(net, x, use_reentrant=False); y.sum().backward(); print(net[0].weight.grad.sum())
y = checkpoint(net, x, use_reentrant=True); y.sum().backward(); print(x.grad.sum())
with torch.autograd.graph.saved_tensors_hooks(lambda t: t.numpy(), lambda a: torch.from_numpy(a)):
    a = torch.ones(3, requires_grad=True); (a * a).sum().backward(); print(a.grad)
with torch.autograd.detect_anomaly(check_nan=False): (a * 2).sum().backward()
print(torch.autograd.gradcheck(lambda v: v.sin(), torch.ones(2, dtype=torch.double, requires_grad=True)))
