import torch

from prototypes import Embedder, class_means, margin_loss, predict, soft_labels


def main():
    torch.manual_seed(9)
    centres = torch.randn(4, 7) * 2
    labels = torch.cat([torch.arange(4).repeat(3), torch.tensor([0, 0, 0, 1, 1, 3, 0, 0])])
    support = centres[labels] + torch.randn(20, 7)
    query_labels = torch.tensor([2, 0, 3, 1])
    query = centres[query_labels] + torch.randn(4, 7)
    model = Embedder(features=7, embed=4)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(6):
        embedded = model(support)
        loss = margin_loss(embedded[:16], embedded[4:], embedded[1:17])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        means = class_means(model(support), labels, 4)
        soft = soft_labels(model(query), means)
        hits = (predict(model(query), means) == query_labels).float().mean()
    weight = torch.linspace(-1, 1, 16).view(4, 4)
    print("RESULT", round(loss.item(), 5), hits.item(), round((soft * weight).sum().item(), 5))


def test_prototypes():
    main()


if __name__ == "__main__":
    main()
