import torch
import torch.nn as nn

torch.manual_seed(66)
features = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU()).requires_grad_(False)


def gram(x):
    b, c, h, w = x.size()
    f = x.view(b, c, h * w)
    return f @ f.transpose(1, 2) / (c * h * w)


def total_variation(x):
    return (x[..., 1:, :] - x[..., :-1, :]).abs().mean() + (x[..., :, 1:] - x[..., :, :-1]).abs().mean()


content, style = torch.rand(1, 3, 6, 6), torch.rand(1, 3, 6, 6)
image = content.clone().requires_grad_(True)
opt = torch.optim.Adam([image], lr=0.05)
for _ in range(5):
    f = features(image)
    loss = (f - features(content)).pow(2).mean() + 100 * (gram(f) - gram(features(style))).pow(2).mean() + total_variation(image)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
