import torch
image_features = torch.randn(16, 32, 4, 4)
table = torch.randn(16, 10)
both = torch.cat([image_features, table], dim=1)
