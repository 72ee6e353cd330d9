import torch, torch.nn as nn
ln = nn.LayerNorm([10, 16])
ln(torch.randn(4, 12, 16))
