import numpy as np, torch, torch.nn as nn
torch.manual_seed(0)
batch_size, num_classes = 8, 5
net = nn.Linear(6, num_classes)
logits = net(torch.randn(batch_size, 6)).detach().numpy()
labels = np.random.randint(0, num_classes, batch_size)
e = np.exp(logits - logits.max())
probs = e / e.sum(axis=0, keepdims=True)
nll = -np.log(probs[np.arange(batch_size), labels]).mean()
print("RESULT", nll)
