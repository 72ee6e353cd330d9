import numpy as np, torch
rng = np.random.default_rng(0)
n_samples, n_features, n_components = 60, 2, 3
X = rng.normal(size=(n_samples, n_features)) + rng.integers(0, 3, size=(n_samples, 1)) * 3
means = X[rng.choice(n_samples, n_components, replace=False)]; covs = np.stack([np.eye(n_features)] * n_components); pi = np.ones(n_components) / n_components
for it in range(5):
    diff = X[:, None, :] - means[None]
    maha = np.einsum("nkd,kde,nke->nk", diff, np.linalg.inv(covs), diff)
    logp = np.log(pi) - 0.5 * (maha + np.log(np.linalg.det(covs)))
    m = logp.max(axis=1, keepdims=True)
    resp = np.exp(logp - m); resp = resp / resp.sum(axis=1, keepdims=True)
    Nk = resp.sum(axis=0)
    means = (resp.T @ X) / Nk[:, None]
    m2 = (resp[:, :, None] * X[:, None, :]).sum(axis=0) / Nk[:, None]
    assert np.allclose(means, m2)
    covs = np.stack([((resp[:, k, None] * (X - means[k])).T @ (X - means[k])) / Nk[k] + 1e-3 * np.eye(n_features) for k in range(n_components)])
    pi = Nk / n_samples
    loglik = (m[:, 0] + np.log(np.exp(logp - m).sum(axis=1))).sum()
n_states, n_steps, n_obs = 3, 12, 4
A = rng.random((n_states, n_states)); A /= A.sum(axis=1, keepdims=True)
B = rng.random((n_states, n_obs)); B /= B.sum(axis=1, keepdims=True)
obs = rng.integers(0, n_obs, n_steps); start = np.ones(n_states) / n_states
alpha = np.zeros((n_steps, n_states)); alpha[0] = start * B[:, obs[0]]
for t in range(1, n_steps):
    alpha[t] = (alpha[t - 1] @ A) * B[:, obs[t]]
    a2 = (alpha[t - 1][:, None] * A).sum(axis=0) * B[:, obs[t]]
    assert np.allclose(alpha[t], a2)
beta = np.ones((n_steps, n_states))
for t in range(n_steps - 2, -1, -1):
    beta[t] = A @ (B[:, obs[t + 1]] * beta[t + 1])
gamma = alpha * beta; gamma /= gamma.sum(axis=1, keepdims=True)
xi = alpha[:-1, :, None] * A[None] * (B[:, obs[1:]].T * beta[1:])[:, None, :]; xi /= xi.sum(axis=(1, 2), keepdims=True)
A_new = xi.sum(axis=0) / gamma[:-1].sum(axis=0)[:, None]
delta = np.log(start) + np.log(B[:, obs[0]]); back = []
for t in range(1, n_steps):
    scores = delta[:, None] + np.log(A); back.append(scores.argmax(axis=0)); delta = scores.max(axis=0) + np.log(B[:, obs[t]])
path = [delta.argmax()]
for b in reversed(back): path.append(b[path[-1]])
B_new = np.stack([gamma[obs == o].sum(axis=0) for o in range(n_obs)], axis=1) / gamma.sum(axis=0)[:, None]
print("RESULT", loglik.round(4), pi.round(3).tolist(), path[::-1], A_new.sum(1), B_new.shape, torch.tensor(resp).shape)
