import torch

from experts import Experts, balance_loss, load, residual_error


def main():
    torch.manual_seed(12)
    x = torch.randn(4, 6)
    target = torch.randn(4, 3)
    certainty = torch.tensor([1.0, 0.2, 0.6, 0.9])
    model = Experts(features=6, out=3, experts=4)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(6):
        error = residual_error(model(x), target, certainty)
        loss = error + 0.1 * balance_loss(model.weights(x))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    share = load(model.weights(x)).tolist()
    print("RESULT", round(loss.item(), 5), [round(v, 5) for v in share])


def test_experts():
    main()


if __name__ == "__main__":
    main()
