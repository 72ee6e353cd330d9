import torch
from torch import nn

torch.manual_seed(33)
BATCH, PATCHES, WIDTH, CLASSES = 5, 4, 8, 3


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_patch = nn.Conv2d(1, WIDTH, kernel_size=4, stride=4)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.pos = nn.Parameter(0.02 * torch.randn(1, PATCHES + 1, WIDTH))
        self.enc = nn.TransformerEncoderLayer(WIDTH, 2, 16, dropout=0.0, batch_first=True)
        self.mlp_head = nn.Linear(WIDTH, CLASSES)

    def forward(self, img):
        p = self.to_patch(img).flatten(2).transpose(1, 2)
        cls = self.cls_token.expand(img.shape[0], -1, -1)
        z = self.enc(torch.cat([cls, p], dim=1) + self.pos)
        return self.mlp_head(z[:, 0])


vit = ViT()
imgs, labels = torch.rand(BATCH, 1, 8, 8), torch.randint(0, CLASSES, (BATCH,))
opt = torch.optim.Adam(vit.parameters(), lr=0.01)
for epoch in range(5):
    loss = nn.functional.cross_entropy(vit(imgs), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("RESULT", round(loss.item(), 5))
