import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_images, height, width, channels = 10, 8, 8, 3
imgs = np.random.rand(n_images, height, width, channels).astype(np.float32)
mean = imgs.mean(axis=(0, 1, 2)); std = imgs.std(axis=(0, 1, 2))
imgs = (imgs - mean) / std
chw = imgs.transpose(0, 3, 1, 2)
one = np.transpose(imgs[0], (2, 0, 1))
mono = imgs.mean(axis=-1, keepdims=True)
grey = imgs @ np.array([0.3, 0.6, 0.1], dtype=np.float32)
flat = imgs.reshape(n_images, -1)
flat2 = imgs.reshape(n_images, height * width * channels)
mean_image = imgs.mean(axis=0)
centred = imgs - mean_image
per = imgs.reshape(-1, channels)
pm = per.mean(0).reshape(1, 1, 1, channels)
z = imgs - pm
flipped = imgs[:, :, ::-1, :].copy()
padded = np.pad(imgs, ((0, 0), (1, 1), (1, 1), (0, 0)))
crop = padded[:, 1:1 + height, 1:1 + width]
rot = np.rot90(imgs, axes=(1, 2))
grid = imgs[:9].reshape(3, 3, height, width, channels).transpose(0, 2, 1, 3, 4).reshape(3 * height, 3 * width, channels)
patches = imgs.reshape(n_images, 2, 4, 2, 4, channels).transpose(0, 1, 3, 2, 4, 5).reshape(n_images, 4, 4 * 4 * channels)
x = torch.from_numpy(np.ascontiguousarray(chw))
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
out = net(x).detach().numpy()
probs = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
e = np.exp(out - out.max(axis=1, keepdims=True)); probs2 = e / e.sum(axis=1)[:, None]
print("RESULT", probs.argmax(1).tolist(), grid.shape, patches.shape, one.shape, grey.shape, np.abs(probs - probs2).max() < 1e-5, crop.shape, rot.shape, mono.shape, flat.shape, flat2.shape, z.shape, flipped.shape, centred.shape)
