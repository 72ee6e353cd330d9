import torch
imgs = [torch.rand(3, 32, 32), torch.rand(3, 40, 32), torch.rand(3, 32, 32)]
batch = torch.stack(imgs)
