"""A variational autoencoder of small images."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, side: int, latent: int) -> None:
        super().__init__()
        self.side = side
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(side * side, 24), nn.ReLU())
        self.moments = nn.Linear(24, 2 * latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, 24), nn.ReLU(), nn.Linear(24, side * side), nn.Sigmoid()
        )

    def encode(
        self, images: Float[Tensor, "batch 1 height width"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        mean, log_variance = self.moments(self.encoder(images)).chunk(2, dim=1)
        return mean, log_variance

    def decode(
        self, code: Float[Tensor, "batch latent"]
    ) -> Float[Tensor, "batch 1 height width"]:
        return self.decoder(code).view(-1, 1, self.side, self.side)


def sample(
    mean: Float[Tensor, "batch latent"], log_variance: Float[Tensor, "batch latent"]
) -> Float[Tensor, "batch latent"]:
    return mean + torch.randn_like(mean) * (0.5 * log_variance).exp()


def divergence(
    mean: Float[Tensor, "batch latent"], log_variance: Float[Tensor, "batch latent"]
) -> Float[Tensor, "batch"]:
    terms = 1 + log_variance - mean.pow(2) - log_variance.exp()
    return -0.5 * terms.sum(dim=1)


def loss(
    images: Float[Tensor, "batch 1 height width"],
    rebuilt: Float[Tensor, "batch 1 height width"],
    mean: Float[Tensor, "batch latent"],
    log_variance: Float[Tensor, "batch latent"],
) -> Float[Tensor, ""]:
    error = F.binary_cross_entropy(rebuilt, images, reduction="none").sum(dim=(1, 2, 3))
    bound = error + divergence(mean, log_variance)
    return (bound.relu() ** 2).mean().sqrt()


def interpolate(
    start: Float[Tensor, "latent"], end: Float[Tensor, "latent"], steps: int
) -> Float[Tensor, "{steps} latent"]:
    share = torch.linspace(0, 1, steps)[:, None]
    return start * (1 - share) + end * share
