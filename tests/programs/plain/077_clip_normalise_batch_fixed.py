import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(56)


class CLIP(nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = nn.Linear(20, 8)
        self.text = nn.Sequential(nn.EmbeddingBag(30, 12), nn.Linear(12, 8))
        self.logit_scale = nn.Parameter(torch.ones([]) * np.log(1 / 0.07))

    def forward(self, image, text):
        image_features = self.visual(image)
        text_features = self.text(text)
        image_features = image_features / image_features.norm(dim=1, keepdim=True)
        text_features = text_features / text_features.norm(dim=1, keepdim=True)
        logits_per_image = self.logit_scale.exp() * image_features @ text_features.t()
        return logits_per_image, logits_per_image.t()


model = CLIP()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
images = torch.randn(6, 20)
captions = torch.randint(0, 30, (6, 5))
ground_truth = torch.arange(6)
for epoch in range(8):
    a, b = model(images, captions)
    loss = (F.cross_entropy(a, ground_truth) + F.cross_entropy(b, ground_truth)) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("RESULT", round(loss.item(), 5))
