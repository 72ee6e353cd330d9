import torch
import torch.nn as nn

torch.manual_seed(55)
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5)).eval()
tracker = nn.GRU(5, 3)
images = torch.rand(5, 1, 8, 8)
labels, hidden = [], None
with torch.no_grad():
    for image in images:
        logits = model(image.unsqueeze(0))                # a batch of one
        probs = logits.softmax(dim=1).squeeze(0)
        conf, label = probs.max(dim=0)
        labels.append(label.item())
        _, hidden = tracker(probs.view(1, 1, -1), hidden)
    together = model(images)
assert labels == together.argmax(1).tolist()
print("RESULT", labels, [round(v, 4) for v in hidden.flatten().tolist()])
