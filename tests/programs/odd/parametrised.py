import torch
from torch import nn
import torch.nn.utils.parametrize as P, torch.nn.utils.prune as prune, warnings
warnings.simplefilter("ignore")
class Sym(nn.Module):
    def forward(self, w): return w.triu() + w.triu(1).mT
l = nn.Linear(3, 3); P.register_parametrization(l, "weight", Sym()); print(torch.equal(l.weight, l.weight.t()))
s = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2)); print(s(torch.ones(2, 3)).shape); o = nn.utils.parametrizations.orthogonal(nn.Linear(4, 4)); print(o(torch.ones(1, 4)).shape)
wn = nn.utils.weight_norm(nn.Linear(3, 2)); print(wn(torch.ones(2, 3)).shape); c = nn.Conv2d(1, 2, 3); prune.l1_unstructured(c, "weight", 0.5); print(c(torch.ones(1, 1, 5, 5)).shape)
lz = nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d()); print(lz(torch.ones(3, 7)).shape)
b = nn.ParameterDict({"a": nn.Parameter(torch.ones(2))}); print(b["a"].sum()); bi = nn.Bilinear(2, 3, 4); print(bi(torch.ones(5, 2), torch.ones(5, 3)).shape)
e = nn.EmbeddingBag(5, 3, mode="sum"); print(e(torch.tensor([[0, 1], [2, 3]])).shape); print(nn.AdaptiveLogSoftmaxWithLoss(4, 6, [2])(torch.ones(3, 4), torch.tensor([0, 1, 5])).output.shape)
print(nn.Unfold(2)(torch.ones(1, 1, 4, 4)).shape, nn.PixelShuffle(2)(torch.ones(1, 4, 2, 2)).shape, nn.CTCLoss()(torch.ones(5, 2, 3).log_softmax(2), torch.ones(2, 2, dtype=torch.long), (5, 5), (2, 2)))
nn.utils.clip_grad_norm_(l.parameters(), 1.0); print(nn.utils.parameters_to_vector(l.parameters()).shape)
u = nn.Upsample(scale_factor=2)(torch.ones(1, 1, 2)); print(u.shape, nn.MultiheadAttention(4, 2)(torch.ones(3, 2, 4), torch.ones(3, 2, 4), torch.ones(3, 2, 4))[1].shape)
