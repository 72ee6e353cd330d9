import torch

from forecaster import Forecaster, scale, train_step, windows


def main():
    torch.manual_seed(4)
    time = torch.arange(13.0)
    series = torch.stack([torch.sin(time / 3), torch.cos(time / 2), time / 10], dim=1)
    history = windows(series[:-1], 6)[:6]
    target = series[6:12, 0]
    model = Forecaster(features=3, hidden=5)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    losses = [train_step(model, history, target, optimiser) for _ in range(6)]
    with torch.no_grad():
        predicted, state = model(scale(history), model.start(6))
    print("RESULT", round(losses[-1], 5), [round(v, 4) for v in predicted.flatten().tolist()[:3]],
          round(state.sum().item(), 4))


def test_forecaster():
    main()


if __name__ == "__main__":
    main()
