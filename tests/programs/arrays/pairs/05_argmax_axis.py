import numpy as np, torch, torch.nn as nn
torch.manual_seed(0)
batch_size, num_classes = 6, 6
x = torch.randn(batch_size, 10); y = torch.randint(0, num_classes, (batch_size,))
net = nn.Linear(10, num_classes)
loss = nn.functional.cross_entropy(net(x), y)
probs = torch.softmax(net(x), dim=1).detach().numpy()
pred = np.argmax(probs, axis=0)
print("RESULT", (pred == y.numpy()).mean(), loss.item())
