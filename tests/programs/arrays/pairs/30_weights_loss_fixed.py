import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_users, n_items, rank = 30, 20, 4
ratings = np.random.rand(n_users, n_items); user_bias = ratings.mean(axis=1) - ratings.mean(); item_bias = ratings.mean(axis=0) - ratings.mean()
U, V = np.random.randn(n_users, rank), np.random.randn(n_items, rank)
picked = np.random.randint(0, n_users, 15); items = np.random.randint(0, n_items, 15)
pred = (U[picked] * V[items]).sum(axis=1) + user_bias[picked] + item_bias[items]
err = ratings[picked, items] - pred
print("RESULT", np.mean(err ** 2), torch.tensor(err).shape)
