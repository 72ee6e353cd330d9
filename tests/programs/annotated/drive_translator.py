import torch

from translator import Decoder, Encoder, translate


def main():
    torch.manual_seed(2)
    encoder, decoder = Encoder(20, 8).eval(), Decoder(17, 8).eval()
    source = torch.randint(0, 20, (3, 7))
    with torch.no_grad():
        words, scores = translate(encoder, decoder, source, length=5)
    assert words.numel() == 15
    weight = torch.linspace(-1, 1, scores.numel()).view_as(scores)
    print("RESULT", round((scores * weight).sum().item(), 4))


def test_translator():
    main()


if __name__ == "__main__":
    main()
