import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2)
batch_size = 8
image_encoder, text_encoder = nn.Linear(12, 8), nn.Linear(10, 8)
temperature = nn.Parameter(torch.tensor(2.0))
opt = torch.optim.Adam([*image_encoder.parameters(), *text_encoder.parameters(), temperature], lr=0.02)
images, texts = torch.randn(batch_size, 12), torch.randn(batch_size, 10)
for _ in range(8):
    i = F.normalize(image_encoder(images), dim=-1)
    t = F.normalize(text_encoder(texts), dim=-1)
    logits = i @ t.T * temperature.exp()
    labels = torch.arange(batch_size)
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
accuracy = (logits.argmax(dim=1) == labels).float().mean()
print("RESULT", round(loss.item(), 5), accuracy.item())
