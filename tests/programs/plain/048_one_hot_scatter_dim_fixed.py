import torch
import torch.nn as nn

torch.manual_seed(27)
num_classes = 6
batch_size = 6
y = torch.randint(0, num_classes, (batch_size,))


def label_smoothing(labels, eps=0.1):
    dist = torch.full((labels.size(0), num_classes), eps / (num_classes - 1))
    dist.scatter_(1, labels.unsqueeze(1), 1 - eps)
    return dist


logits = torch.randn(batch_size, num_classes, requires_grad=True)
target = label_smoothing(y)
loss = -(target * logits.log_softmax(1)).sum(1).mean()
loss.backward()
print("RESULT", round(loss.item(), 5), round(logits.grad.abs().sum().item(), 5))
