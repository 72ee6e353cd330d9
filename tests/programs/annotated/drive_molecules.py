import torch

from molecules import Molecules


def main():
    torch.manual_seed(7)
    sizes = torch.tensor([5, 3, 6, 4, 2])
    real = torch.arange(6) < sizes[:, None]
    nodes = torch.randn(5, 6, 4) * real[..., None]
    pairs = real[:, :, None] & real[:, None, :]
    adjacency = (torch.rand(5, 6, 6) > 0.5).float() * pairs
    target = torch.randn(5)
    model = Molecules(features=4, hidden=6)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(6):
        predicted = model(nodes, adjacency, real)
        loss = torch.nn.functional.mse_loss(predicted, target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print("RESULT", round(loss.item(), 5), [round(v, 4) for v in predicted.flatten().tolist()])


def test_molecules():
    main()


if __name__ == "__main__":
    main()
