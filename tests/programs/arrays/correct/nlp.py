import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
vocab_size, batch_size, seq_len, emb = 20, 5, 8, 6
text = np.random.randint(0, vocab_size, 500)
n_batches = len(text) // (batch_size * seq_len)
arr = text[:n_batches * batch_size * seq_len].reshape((batch_size, -1))
for n in range(0, arr.shape[1], seq_len):
    x = arr[:, n:n + seq_len]; y = np.zeros_like(x)
    y[:, :-1] = x[:, 1:]; y[:, -1] = arr[:, (n + seq_len) % arr.shape[1]]
one_hot = np.zeros((x.size, vocab_size), dtype=np.float32); one_hot[np.arange(one_hot.shape[0]), x.flatten()] = 1.0
one_hot = one_hot.reshape((*x.shape, vocab_size))
W = np.random.randn(vocab_size, emb).astype(np.float32); W /= np.linalg.norm(W, axis=1, keepdims=True)
sims = W @ W[3]; near = np.argsort(-sims)[1:4]
vecs = W[x]; sent = vecs.mean(axis=1); cos = sent @ sent.T / (np.linalg.norm(sent, axis=1)[:, None] * np.linalg.norm(sent, axis=1)[None])
att = np.random.rand(batch_size, seq_len, seq_len); att = att / att.sum(-1, keepdims=True); ctx = att @ vecs
counts = np.random.randint(0, 3, (batch_size, vocab_size)); tf = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1); idf = np.log(batch_size / (1 + (counts > 0).sum(axis=0))); tfidf = tf * idf
lens = np.array([8, 3, 5, 1, 8]); pad = np.where(np.arange(seq_len) < lens[:, None], x, 0)
causal = np.triu(np.ones((seq_len, seq_len)), k=1).astype(bool); keep = (pad != 0)[:, None, :] & ~causal
emb_l = nn.Embedding(vocab_size, emb); h = emb_l(torch.from_numpy(x.copy()))
print("RESULT", h.sum().item(), near.tolist(), one_hot.shape, cos.shape, ctx.shape, tfidf.shape, keep.shape)
