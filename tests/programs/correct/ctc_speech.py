import torch
import torch.nn as nn

torch.manual_seed(17)
batch, frames, mels, chars = 4, 12, 8, 6
net = nn.LSTM(mels, 16, batch_first=True, bidirectional=True)
fc = nn.Linear(32, chars)
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam([*net.parameters(), *fc.parameters()], lr=0.01)
audio = torch.randn(batch, frames, mels)
targets = torch.randint(1, chars, (batch, 4))
for _ in range(4):
    out, _ = net(audio)
    log_probs = fc(out).log_softmax(-1).permute(1, 0, 2)        # (T, N, C)
    loss = ctc(log_probs, targets, torch.full((batch,), frames), torch.full((batch,), 4))
    opt.zero_grad()
    loss.backward()
    opt.step()
greedy = log_probs.argmax(-1).t()                               # (N, T)
print("RESULT", round(loss.item(), 4), greedy[0].tolist())
