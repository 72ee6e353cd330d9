import torch

from recommender import Recommender, hit_rate, ranking_loss


def main():
    torch.manual_seed(11)
    model = Recommender(users=6, items=12, embed=5)
    user = torch.arange(6)
    history = torch.randint(1, 12, (6, 5))
    history[1, 3:] = 0
    history[4, 1:] = 0
    liked, other = torch.randint(1, 12, (6,)), torch.randint(1, 12, (6,))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(6):
        loss = ranking_loss(model.rate(user, history, liked), model.rate(user, history, other))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        scores = model.score(user, history, torch.arange(1, 7))
    print("RESULT", round(loss.item(), 5), hit_rate(scores, user, 3).item(),
          round(model.rate(user, history, liked).flatten()[1].item(), 4),
          [round(v, 4) for v in scores[:, 0].tolist()])


def test_recommender():
    main()


if __name__ == "__main__":
    main()
