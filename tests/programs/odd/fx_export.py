import torch, warnings
warnings.simplefilter("ignore")
import torch.fx
class M(torch.nn.Module):
    def __init__(self): super().__init__(); self.a = torch.nn.Linear(3, 4)
    def forward(self, x): return torch.relu(self.a(x)).view(x.size(0), -1).sum(1)
m = M(); g = torch.fx.symbolic_trace(m); print(g.code); print(torch.equal(g(torch.ones(2, 3)), m(torch.ones(2, 3))))
from torch.fx.passes.shape_prop import ShapeProp
ShapeProp(g).propagate(torch.ones(2, 3)); print([n.meta["tensor_meta"].shape for n in g.graph.nodes if "tensor_meta" in n.meta])
ep = torch.export.export(m, (torch.ones(2, 3),)); print(ep.module()(torch.ones(2, 3)).shape)
from torch.fx.experimental.proxy_tensor import make_fx
print(make_fx(lambda x: x.sin() + 1)(torch.ones(2)).code)
