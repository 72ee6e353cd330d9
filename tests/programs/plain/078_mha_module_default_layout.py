import torch, torch.nn as nn

torch.manual_seed(57)
bs, seq, emb = 4, 4, 6
attn = nn.MultiheadAttention(emb, num_heads=2)  # BUG: MultiheadAttention without batch_first attends across dim 0, here the batch
proj = nn.Linear(emb, 1)
x = torch.randn(bs, seq, emb)
attn.eval()
y, w = attn(x, x, x)
out = proj(y[:, 0]).squeeze(1)       # one score per sample
print("RESULT", [round(v, 5) for v in out.tolist()])
