import torch
from torch.func import vmap, grad, jvp, vjp, jacrev, hessian, functional_call, stack_module_state
f = lambda w, x: torch.tanh(x @ w).sum()
w, x = torch.ones(3, 2), torch.arange(12.).view(4, 3)
print(vmap(grad(f), (None, 0))(w, x).shape, jvp(lambda w: f(w, x), (w,), (w,))[1], hessian(lambda v: (v**3).sum())(torch.ones(2)))
nets = [torch.nn.Linear(3, 2) for _ in range(3)]; p, b = stack_module_state(nets)
print(vmap(lambda p, b, x: functional_call(nets[0], (p, b), (x,)), (0, 0, None))(p, b, x).shape)
print(torch.autograd.functional.jacobian(lambda v: v.pow(2), torch.ones(3)), torch.autograd.forward_ad is not None)
import torch.autograd.forward_ad as fwAD
with fwAD.dual_level():
    d = fwAD.make_dual(torch.ones(2), torch.ones(2)); print(fwAD.unpack_dual(d * 3).tangent)
