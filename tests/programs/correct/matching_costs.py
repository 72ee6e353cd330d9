"""DETR-like matching: a cost for each prediction and target, solved greedily and by Sinkhorn."""
import torch

torch.manual_seed(61)
queries, targets, classes = 5, 5, 5
logits, boxes = torch.randn(queries, classes), torch.rand(queries, 4)
labels, gt = torch.randint(0, classes, (targets,)), torch.rand(targets, 4)
cost_class = -logits.softmax(-1)[:, labels]
cost_box = torch.cdist(boxes, gt, p=1)
area = lambda b: b[:, 2] * b[:, 3]
lo = torch.max(boxes[:, None, :2], gt[None, :, :2])
hi = torch.min(boxes[:, None, :2] + boxes[:, None, 2:], gt[:, :2] + gt[:, 2:])
inter = (hi - lo).clamp(min=0).prod(dim=2)
iou = inter / (area(boxes)[:, None] + area(gt) - inter)
cost = cost_class + 5 * cost_box - iou
P = torch.exp(-cost / 0.5)
for _ in range(50):
    P = P / P.sum(dim=1, keepdim=True)
    P = P / P.sum(dim=0, keepdim=True)
left, pairs = cost.clone(), []
for _ in range(min(queries, targets)):
    i, j = divmod(left.argmin().item(), targets)
    pairs.append((i, j))
    left[i, :] = float("inf")
    left[:, j] = float("inf")
loss = torch.nn.functional.cross_entropy(logits[[i for i, _ in pairs]], labels[[j for _, j in pairs]])
print("RESULT", pairs, round(loss.item(), 5), round((P * cost).sum().item(), 4))
