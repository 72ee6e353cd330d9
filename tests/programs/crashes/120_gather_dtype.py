import torch
q = torch.randn(6, 3)
action = torch.zeros(6, 1)
q.gather(1, action)
