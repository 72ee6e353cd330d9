import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(34)
x = torch.randn(50, 6)
y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
train, test = random_split(TensorDataset(x, y), [38, 12])
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(3):
    model.train()
    for images, labels in DataLoader(train, batch_size=8, shuffle=True):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
model.eval()
correct, total, per_class = 0, 0, torch.zeros(3)
confusion = torch.zeros(3, 3, dtype=torch.long)
with torch.no_grad():
    for images, labels in DataLoader(test, batch_size=5):
        outputs = model(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
        top2 = outputs.topk(2, dim=1).indices
        per_class += nn.functional.one_hot(labels, 3).sum(0)
        hits2 = (top2 == labels.view(-1, 1)).any(dim=1)
        for t, p in zip(labels, predicted):
            confusion[t, p] += 1
recall = confusion.diag() / confusion.sum(1).clamp(min=1)
precision = confusion.diag() / confusion.sum(0).clamp(min=1)
print("RESULT", correct, total, per_class.tolist(), round((recall + precision).sum().item(), 4))
