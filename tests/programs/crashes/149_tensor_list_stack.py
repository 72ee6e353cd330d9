import torch
outs = [torch.randn(1, 8), torch.randn(8), torch.randn(8)]
torch.stack(outs)
