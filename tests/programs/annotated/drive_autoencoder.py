import torch

from autoencoder import VAE, interpolate, loss, sample


def main():
    torch.manual_seed(6)
    images = torch.rand(4, 1, 6, 6)
    model = VAE(side=6, latent=4)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(5):
        mean, log_variance = model.encode(images)
        rebuilt = model.decode(sample(mean, log_variance))
        value = loss(images, rebuilt, mean, log_variance)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    with torch.no_grad():
        path = model.decode(interpolate(mean[0], mean[1], 4))
    weight = torch.linspace(-1, 1, path.numel()).view_as(path)
    print("RESULT", round(value.item(), 4), round((path * weight).sum().item(), 5))


def test_autoencoder():
    main()


if __name__ == "__main__":
    main()
