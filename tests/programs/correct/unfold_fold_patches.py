import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(68)
B, C, H, W, p = 2, 3, 8, 8, 4
img = torch.rand(B, C, H, W)
cols = F.unfold(img, p, stride=p)                                     # (B, C*p*p, patches)
tokens = cols.transpose(1, 2)
grid = img.reshape(B, C, H // p, p, W // p, p).permute(0, 2, 4, 1, 3, 5).reshape(B, -1, C * p * p)
assert torch.equal(tokens, grid)
assert torch.equal(F.fold(cols, (H, W), p, stride=p), img)
windows = img.unfold(2, p, p).unfold(3, p, p).permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)
assert torch.equal(windows, tokens)
weight = nn.Conv2d(C, 5, 3, bias=False).weight
by_hand = (weight.view(5, -1) @ F.unfold(img, 3)).view(B, 5, H - 2, W - 2)
assert torch.allclose(by_hand, F.conv2d(img, weight), atol=1e-5)
order = torch.rand(B, 4).argsort(dim=1)
kept = tokens.gather(1, order[:, :2].unsqueeze(-1).expand(-1, -1, tokens.size(-1)))
print("RESULT", round(by_hand.sum().item(), 4), round(kept.sum().item(), 4))
