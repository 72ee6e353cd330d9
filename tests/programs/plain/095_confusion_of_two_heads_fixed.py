import torch
import torch.nn as nn
import torch.nn.functional as F


def collate_fn(batch):
    xs, ages, sexes = zip(*batch)
    return torch.stack(xs), torch.tensor(ages), torch.tensor(sexes)


class FaceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(12, 16), nn.ReLU())
        self.age = nn.Linear(16, 1)
        self.sex = nn.Linear(16, 2)

    def forward(self, x):
        z = self.backbone(x)
        return self.age(z), self.sex(z)


torch.manual_seed(74)
dataset = [(torch.randn(12), float(20 + i), i % 2) for i in range(12)]
loader = torch.utils.data.DataLoader(dataset, batch_size=4, collate_fn=collate_fn)
net = FaceNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(3):
    epoch_loss = 0.0
    for x, age, sex in loader:
        age_pred, sex_pred = net(x)
        sex_loss = F.cross_entropy(sex_pred, sex)
        age_loss = F.l1_loss(age_pred.squeeze(1), age / 30)
        loss = sex_loss + age_loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
print("RESULT", round(epoch_loss / len(loader), 5))
