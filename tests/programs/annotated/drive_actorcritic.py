import torch

from actorcritic import ActorCritic, discount_weights, update


def main():
    torch.manual_seed(8)
    seen = torch.randn(4, 4, 3)
    taken = torch.randint(0, 2, (4, 4))
    rewards = torch.rand(4, 4) + taken
    model = ActorCritic(observations=3, actions=2)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(5):
        loss = update(model, seen, taken, rewards)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    first = discount_weights(rewards, 0.9).sum(dim=0)
    print("RESULT", round(loss.item(), 5), [round(v, 4) for v in first.tolist()])


def test_actorcritic():
    main()


if __name__ == "__main__":
    main()
