import numpy as np, torch
np.random.seed(0)
batch_size, input_dim, hidden, num_classes = 16, 5, 8, 3
X = np.random.randn(batch_size, input_dim); y = np.random.randint(0, num_classes, batch_size)
W1, b1 = np.random.randn(input_dim, hidden) * .1, np.zeros((1, hidden)); W2, b2 = np.random.randn(hidden, num_classes) * .1, np.zeros((1, num_classes))
for step in range(10):
    z1 = X.dot(W1) + b1; h = np.maximum(0, z1); scores = h.dot(W2) + b2
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True)); probs = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.log(probs[range(batch_size), y]).mean()
    d = probs.copy(); d[range(batch_size), y] -= 1; d /= batch_size
    dW2 = h.T.dot(d); db2 = d.sum(axis=0, keepdims=True); dh = d.dot(W2.T); dh[z1 <= 0] = 0; dW1 = X.T.dot(dh); db1 = np.sum(dh, axis=0)
    W1 -= .1 * dW1; b1 -= .1 * db1; W2 -= .1 * dW2; b2 -= .1 * db2
acc = np.mean(np.argmax(h.dot(W2) + b2, axis=1) == y)
mu, var = h.mean(axis=0), h.var(axis=0); hn = (h - mu) / np.sqrt(var + 1e-5)
dxhat = np.random.randn(*h.shape); dx = (1. / batch_size) / np.sqrt(var + 1e-5) * (batch_size * dxhat - dxhat.sum(axis=0) - hn * (dxhat * hn).sum(axis=0))
ln = (h - h.mean(axis=-1, keepdims=True)) / h.std(axis=-1, keepdims=True)
T, vocab = 6, 7
ix = np.random.randint(0, vocab, T); Wxh = np.random.randn(hidden, vocab); Whh = np.random.randn(hidden, hidden); Why = np.random.randn(vocab, hidden); hs = np.zeros((hidden, 1)); L = 0
for t in range(T):
    x = np.zeros((vocab, 1)); x[ix[t]] = 1; hs = np.tanh(Wxh @ x + Whh @ hs); o = Why @ hs; p = np.exp(o) / np.sum(np.exp(o)); L += -np.log(p[ix[t], 0])
n, c, hh, ww, k, f = 2, 3, 6, 6, 3, 4
img = np.random.randn(n, c, hh, ww); oh, ow = hh - k + 1, ww - k + 1
cols = np.zeros((n, c, k, k, oh, ow))
for i in range(k):
    for j in range(k):
        cols[:, :, i, j] = img[:, :, i:i + oh, j:j + ow]
cols2 = cols.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, -1); filt = np.random.randn(f, c, k, k)
out = (cols2 @ filt.reshape(f, -1).T).reshape(n, oh, ow, f).transpose(0, 3, 1, 2)
ref = torch.nn.functional.conv2d(torch.tensor(img), torch.tensor(filt)).numpy()
pool = img.reshape(n, c, hh // 2, 2, ww // 2, 2).max(axis=(3, 5)); up = pool.repeat(2, axis=2).repeat(2, axis=3); mask = (img == up)
q = np.random.randn(T, hidden); s = q @ q.T / np.sqrt(hidden); s = np.where(np.tril(np.ones((T, T))), s, -1e9); a = np.exp(s - s.max(-1, keepdims=True)); a /= a.sum(-1, keepdims=True); ctx = a @ q
heads = q.reshape(T, 2, hidden // 2).transpose(1, 0, 2); back = heads.transpose(1, 0, 2).reshape(T, hidden)
print("RESULT", loss.round(5), acc, np.allclose(out, ref), dx.shape, ln.shape, float(np.round(L, 3)), mask.mean(), ctx.shape, np.allclose(back, q))
