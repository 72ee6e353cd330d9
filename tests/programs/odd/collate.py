import torch
from collections import namedtuple
from dataclasses import dataclass
from torch.utils.data import *
Pt = namedtuple("Pt", "x y")
class D(Dataset):
    def __len__(self): return 7
    def __getitem__(self, i): return Pt(torch.full((3,), float(i)), {"id": i, "name": str(i), "pair": (i, [torch.tensor(i)])})
for b in DataLoader(D(), batch_size=3): print(type(b).__name__, b.x.shape, b.y["id"], b.y["name"], b.y["pair"][1][0].shape)
class It(IterableDataset):
    def __iter__(self): return iter(torch.arange(10).float().view(5, 2))
print([b.shape for b in DataLoader(It(), batch_size=2)], [b.shape for b in DataLoader(It(), batch_size=None)])
t = TensorDataset(torch.arange(10).view(5, 2), torch.arange(5))
print([b[1] for b in DataLoader(t, sampler=WeightedRandomSampler([1.]*5, 5), batch_size=2, generator=torch.Generator().manual_seed(1))] != [])
print([b[0].shape for b in DataLoader(ConcatDataset([t, Subset(t, [0, 1])]), batch_size=3, drop_last=True)])
print([b.sum().item() for b in DataLoader(t, batch_size=2, collate_fn=lambda s: torch.stack([a for a, _ in s], 1))])
class Grow(TensorDataset):
    def __getitem__(self, i): return tuple(a * 2 for a in super().__getitem__(i))
print([b[0].sum().item() for b in DataLoader(Grow(torch.ones(4, 2)), batch_size=2)])
bs = BatchSampler(SequentialSampler(t), 2, False); print([b[0].shape for b in DataLoader(t, batch_sampler=bs)])
print([b[0].shape for b in DataLoader(TensorDataset(torch.ones(3), torch.ones(3, 0)), batch_size=2)])
it = iter(DataLoader(t, batch_size=2)); next(it); del it
