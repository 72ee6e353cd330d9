import numpy as np, torch, torch.nn as nn
torch.manual_seed(0); np.random.seed(0)
x = np.random.rand(100, 3).astype("float32"); t = (x @ np.array([1., 2, 3], dtype="float32"))
train_x, test_x = x[:80], x[80:]; train_t, test_t = t[:80], t[80:]
model = nn.Linear(3, 1); opt = torch.optim.SGD(model.parameters(), lr=.1)
for i in range(50):
    out = model(torch.tensor(train_x)); loss = nn.MSELoss()(out, torch.tensor(train_t).unsqueeze(1))
    opt.zero_grad(); loss.backward(); opt.step()
pred = model(torch.tensor(test_x)).detach().numpy()
rmse = np.sqrt(np.mean((pred.ravel() - test_t) ** 2))
print("RESULT", rmse)
