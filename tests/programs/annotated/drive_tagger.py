import torch

from tagger import Tagger, sentence_accuracy, tag_loss


def main():
    torch.manual_seed(0)
    model = Tagger(vocabulary=40, tags=6)
    tokens = torch.randint(1, 40, (6, 6))
    tokens[1, 4:] = 0
    tokens[3, 2:] = 0
    tags = torch.randint(0, 6, (6, 6))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(5):
        loss = tag_loss(model(tokens), tags)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    scores = model(tokens)
    accuracy = sentence_accuracy(scores, tags, tokens != 0)
    genres = model.classify(tokens)
    assert genres.shape == (6, 3)
    print("RESULT", round(loss.item(), 5), accuracy.tolist(), round(genres[:, 0].sum().item(), 5))


def test_tagger():
    main()


if __name__ == "__main__":
    main()
