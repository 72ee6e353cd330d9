import torch
import torch.nn as nn

embedded = torch.randn(16, 1, 32)
context = torch.randn(16, 64)
rnn_input = torch.cat((embedded, context), dim=2)
