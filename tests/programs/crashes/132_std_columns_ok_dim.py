import torch
a = torch.randn(10, 4)
b = torch.randn(12, 4)
diff = a - b
