"""LayerNorm, InstanceNorm, GroupNorm and BatchNorm written out and compared with torch."""
import torch
import torch.nn as nn

torch.manual_seed(8)
x = torch.randn(4, 6, 5, 5)
N, C, H, W = x.shape


def norm(t, dims):
    mean = t.mean(dim=dims, keepdim=True)
    var = t.var(dim=dims, keepdim=True, unbiased=False)
    return (t - mean) / torch.sqrt(var + 1e-5)


batch = norm(x, (0, 2, 3))
instance = norm(x, (2, 3))
group = norm(x.view(N, 2, C // 2, H, W), (2, 3, 4)).view(N, C, H, W)
layer = norm(x, (1, 2, 3))
assert torch.allclose(batch, nn.BatchNorm2d(C)(x), atol=1e-5)
assert torch.allclose(instance, nn.InstanceNorm2d(C)(x), atol=1e-5)
assert torch.allclose(group, nn.GroupNorm(2, C)(x), atol=1e-5)
assert torch.allclose(layer, nn.LayerNorm([C, H, W])(x), atol=1e-5)
gain, bias = torch.linspace(0.5, 1.5, C), torch.zeros(C)
y = batch * gain.view(1, C, 1, 1) + bias[None, :, None, None]
print("RESULT", round(y.abs().sum().item(), 3))
