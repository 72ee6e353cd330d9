import torch

from charlm import CharLM, extend, next_char_loss


def main():
    torch.manual_seed(5)
    text = "shapes are promises that nobody reads until they are broken. "
    alphabet = sorted(set(text))
    stream = torch.tensor([alphabet.index(c) for c in text])
    tokens = torch.stack([stream[i:i + 9] for i in range(0, 36, 9)])
    model = CharLM(vocabulary=len(alphabet), width=12, heads=3, context=16)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.03)
    for _ in range(8):
        loss = next_char_loss(model(tokens), tokens)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    written = extend(model, stream[None, :5], steps=6)
    assert written.shape == (1, 11)
    print("RESULT", round(loss.item(), 5), repr("".join(alphabet[i] for i in written[0])))


def test_charlm():
    main()


if __name__ == "__main__":
    main()
