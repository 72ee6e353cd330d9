import torch
import torch.nn as nn

torch.manual_seed(46)


class FiLM(nn.Module):
    """Feature-wise modulation of an image by a text vector."""

    def __init__(self, text_dim, channels):
        super().__init__()
        self.to_gamma = nn.Linear(text_dim, channels)
        self.to_beta = nn.Linear(text_dim, channels)

    def forward(self, fmap, text):
        gamma = self.to_gamma(text)          # (B, C)
        beta = self.to_beta(text)            # (B, C)
        return fmap * gamma[:, :, None, None] + beta[:, :, None, None]


film = FiLM(5, 8)
conv = nn.Conv2d(3, 8, 3, padding=1)
images, text = torch.rand(2, 3, 8, 8), torch.randn(2, 5)
y = film(conv(images), text).amax(dim=(2, 3))
print("RESULT", [round(v, 4) for v in y[0].tolist()])
