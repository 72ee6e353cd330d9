import torch
from torch.nn import functional as F

from patches import PatchClassifier, flip, patchify


def main():
    torch.manual_seed(10)
    images = torch.rand(5, 3, 8, 8)
    labels = torch.randint(0, 3, (5,))
    model = PatchClassifier(pixels=48, patches=4, width=8, classes=3)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(4):
        logits = model(patchify(images, 4)) + model(patchify(flip(images), 4))
        loss = F.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print("RESULT", round(loss.item(), 5), [round(v, 4) for v in logits[:, 0].tolist()])


def test_patches():
    main()


if __name__ == "__main__":
    main()
