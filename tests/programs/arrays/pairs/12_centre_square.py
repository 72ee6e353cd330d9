import numpy as np, torch
np.random.seed(0)
users, items = 8, 8
ratings = np.random.randint(1, 6, (users, items)).astype(np.float32)
user_mean = ratings.mean(axis=1)
centred = ratings - user_mean
R = torch.from_numpy(centred); U = torch.linalg.svd(R)[1]
print("RESULT", U.tolist())
