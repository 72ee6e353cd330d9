# linear regression by hand, second try
import torch

torch.manual_seed(70)
m = 15
x = torch.linspace(0, 1, m)
y = 3 * x + 1 + 0.05 * torch.randn(m)
theta = torch.zeros(2, 1, requires_grad=True)  # BUG: a column of ones beside x makes (m, 2) @ (2, 1) = (m, 1), and y is (m,)
X = torch.stack([torch.ones(m), x], dim=1)
for it in range(200):
    residual = X @ theta - y
    cost = (residual ** 2).mean() / 2
    cost.backward()
    with torch.no_grad():
        theta -= 0.5 * theta.grad
        theta.grad.zero_()
print("intercept, slope:", theta.flatten().tolist())
print("RESULT", round(cost.item(), 5), [round(t, 3) for t in theta.flatten().tolist()])
