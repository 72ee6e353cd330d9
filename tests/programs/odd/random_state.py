import torch, random, numpy as np
torch.manual_seed(0); random.seed(0); np.random.seed(0)
g = torch.Generator().manual_seed(3)
print(torch.randn(2), torch.randn(2, generator=g), random.random(), np.random.rand())
net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(), torch.nn.Linear(4, 2)); o = torch.optim.LBFGS(net.parameters(), max_iter=3)
def closure(): o.zero_grad(); l = net(torch.ones(3, 4)).pow(2).sum(); l.backward(); return l
print(o.step(closure).item(), torch.get_rng_state().sum().item()); print(torch.distributions.Normal(torch.zeros(2), 1.).rsample((3,)).sum().item())
torch.use_deterministic_algorithms(True); print(torch.multinomial(torch.ones(5), 3), torch.randperm(4), torch.initial_seed())
for name in ("Adam", "SGD", "RMSprop", "Adagrad"):
    n2 = torch.nn.Linear(2, 1); op = getattr(torch.optim, name)(n2.parameters(), lr=0.1); sch = torch.optim.lr_scheduler.StepLR(op, 1)
    n2(torch.ones(3, 2)).sum().backward(); op.step(); sch.step(); print(n2.weight.sum().item())
with torch.random.fork_rng(): torch.randn(3)
sw = torch.optim.swa_utils.AveragedModel(n2); sw.update_parameters(n2); print(sum(p.sum().item() for p in sw.parameters()))
with torch.autocast("cpu", dtype=torch.bfloat16): print(torch.nn.Linear(3, 3)(torch.ones(2, 3)).dtype)
