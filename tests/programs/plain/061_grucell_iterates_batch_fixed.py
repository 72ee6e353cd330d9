import torch
import torch.nn as nn

torch.manual_seed(40)


class Unrolled(nn.Module):
    def __init__(self, n_in, n_hid, n_out):
        super().__init__()
        self.cell = nn.GRUCell(n_in, n_hid)
        self.readout = nn.Linear(n_hid, n_out)

    def forward(self, x):
        h = None
        for x_t in x.unbind(1):
            h = self.cell(x_t, h)
        return self.readout(h)


batch_size, n_frames = 8, 8
clips = torch.randn(batch_size, n_frames, 5)
gesture = torch.randint(0, 4, (batch_size,))
model = Unrolled(5, 12, 4)
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    logits = model(clips)
    loss = nn.functional.cross_entropy(logits, gesture)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
print("RESULT", round(loss.item(), 5))
