import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(0); torch.manual_seed(0)
n_users, n_items, rank, batch_size = 30, 20, 4, 16
U, V = rng.normal(size=(n_users, rank)), rng.normal(size=(n_items, rank)); bu, bi = np.zeros(n_users), np.zeros(n_items)
R = (U @ V.T > 0).astype(float); mask = rng.random((n_users, n_items)) < .3
for step in range(5):
    u, i = rng.integers(0, n_users, batch_size), rng.integers(0, n_items, batch_size)
    pred = (U[u] * V[i]).sum(axis=1) + bu[u] + bi[i]
    err = R[u, i] - pred
    np.add.at(bu, u, .1 * err); np.add.at(bi, i, .1 * err)
    gu, gv = err[:, None] * V[i], err[:, None] * U[u]
    U[u] += .1 * gu; V[i] += .1 * gv
full = U @ V.T + bu[:, None] + bi
rmse = np.sqrt((((R - full) ** 2) * mask).sum() / mask.sum())
user_mean = (R * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1); item_mean = (R * mask).sum(0) / np.maximum(mask.sum(0), 1)
centred = R - user_mean[:, None]; both = R - user_mean[:, None] - item_mean[None] + R.mean(); base = user_mean[:, np.newaxis] + item_mean - R[mask].mean()
top = np.argsort(-full, axis=1)[:, :5]; hits = np.take_along_axis(R, top, axis=1).mean(); pop = R.sum(axis=0).argsort()[::-1][:5]; best_user = R.sum(axis=1).argmax(); best_item = full.argmax(axis=1); fan = full.argmax(axis=0)
users, items = np.nonzero(mask); pairs = np.stack([users, items], axis=1); ds = torch.utils.data.TensorDataset(torch.from_numpy(pairs), torch.from_numpy(R[users, items]))
eu, ei = nn.Embedding(n_users, 3), nn.Embedding(n_items, 3)
for p, r in torch.utils.data.DataLoader(ds, batch_size=32):
    loss = (((eu(p[:, 0]) * ei(p[:, 1])).sum(1) - r.float()) ** 2).mean()
co = R.T @ R; sim = co / np.sqrt(np.outer(np.diag(co) + 1, np.diag(co) + 1)); rec = R @ sim; rec_n = rec / (np.abs(sim).sum(axis=0) + 1e-6)
print("RESULT", rmse.round(4), hits.round(3), pop.shape, loss.item(), base.shape, both.shape, centred.shape, rec_n.shape, fan.shape, best_item.shape, best_user)
