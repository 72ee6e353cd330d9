import torch

hidden = torch.randn(8, 64)
encoder_outputs = torch.randn(8, 15, 64)
repeated = hidden.expand(8, 15, 64)
