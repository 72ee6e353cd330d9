import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(0); torch.manual_seed(0)
raw = rng.integers(0, 256, size=(20, 3072), dtype=np.uint8)
data = raw.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
d2 = raw.reshape(len(raw), 3, 32, 32).astype(np.float32) / 255
mean, std = d2.mean(axis=(0, 2, 3)), d2.std(axis=(0, 2, 3)); d3 = (d2 - mean[:, None, None]) / std[:, None, None]; d4 = (d2 - mean.reshape(1, 3, 1, 1)) / std.reshape(1, 3, 1, 1)
grey = rng.random((20, 784)); digits = grey.reshape(-1, 28, 28); digits4 = digits[:, None]; flat = digits.reshape(20, -1); flat2 = digits.reshape((digits.shape[0], digits.shape[1] * digits.shape[2]))
n_frames, n_channels = 100, 2
pcm = rng.integers(-100, 100, n_frames * n_channels); stereo = pcm.reshape(-1, n_channels); s2 = pcm.reshape(n_frames, n_channels).T; planar = np.stack([pcm[0::2], pcm[1::2]]); assert (s2 == planar).all()
n_samples, sr, seconds = 400, 100, 4
t = np.arange(n_samples) / sr; sig = np.sin(t) + .1 * rng.standard_normal(n_samples); secs = sig.reshape(seconds, sr); rms = np.sqrt((secs ** 2).mean(axis=1)); walk = np.cumsum(rng.standard_normal((n_samples, 2)), axis=0); vel = np.diff(walk, axis=0); speed = np.linalg.norm(vel, axis=1); lag = sig[1:] * sig[:-1]
prices = 100 * np.exp(np.cumsum(rng.normal(0, .01, size=(n_samples, 3)), axis=0)); rets = prices[1:] / prices[:-1] - 1; lr = np.diff(np.log(prices), axis=0); corr = np.corrcoef(rets.T); ma = np.stack([np.convolve(prices[:, i], np.ones(5) / 5, "valid") for i in range(3)], axis=1); dd = prices / np.maximum.accumulate(prices, axis=0) - 1
xx, yy = np.meshgrid(np.linspace(-1, 1, 20), np.linspace(-1, 1, 15)); grid = np.c_[xx.ravel(), yy.ravel()].astype(np.float32)
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)); Z = net(torch.from_numpy(grid)).detach().numpy().reshape(xx.shape)
B, T, C, H, W = 2, 5, 3, 4, 4
video = rng.random((B, T, H, W, C)); v2 = video.transpose(0, 1, 4, 2, 3).reshape(B * T, C, H, W); v3 = v2.reshape(B, T, C, H, W); tile = video[0].transpose(1, 0, 2, 3).reshape(H, T * W, C); swap = np.moveaxis(video, -1, 1); diff = video[:, 1:] - video[:, :-1]; flow = np.abs(diff).mean(axis=(2, 3, 4)); avg = video.mean(axis=1); last = video[:, -1]
n_years, n_months = 4, 12
monthly = rng.random(n_years * n_months).reshape(n_years, n_months); clim = monthly.mean(axis=0); anom = monthly - clim; yearly = monthly.mean(axis=1); anom_y = monthly - yearly[:, np.newaxis]; series = monthly.reshape(-1); wide = monthly.T
days, hours, sites = 3, 24, 5
load = rng.random((days * hours, sites)); cube = load.reshape(days, hours, sites); peak = cube.max(axis=1); prof = cube.mean(axis=0); byhour = cube.transpose(1, 0, 2)
idx = np.arange(20); rng.shuffle(idx); tr, te = d3[idx[:15]], d3[idx[15:]]
bs = 4; batches = [tr[i:i + bs] for i in range(0, len(tr), bs)]; x0 = torch.from_numpy(np.stack(batches[0]))
folds = np.array_split(idx, 5)
pad = np.zeros((3, 7)); seqs = [rng.random(k) for k in (3, 7, 5)]
for i, s in enumerate(seqs): pad[i, :len(s)] = s
lens = np.array([len(s) for s in seqs]); mask = np.arange(7) < lens[:, None]; mean_s = (pad * mask).sum(1) / mask.sum(1)
print("RESULT", data.shape, np.allclose(d3, d4), Z.shape, v3.shape, tile.shape, x0.shape, mean_s.round(3).tolist(), corr.shape, ma.shape, dd.min().round(3), anom_y.shape, byhour.shape, flow.shape, len(folds), rms.shape, speed.shape, swap.shape, wide.shape, peak.shape, prof.shape)
