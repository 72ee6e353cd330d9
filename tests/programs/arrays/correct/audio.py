import numpy as np, torch, torch.nn as nn
np.random.seed(0); torch.manual_seed(0)
n_trials, n_channels, n_times = 12, 4, 20
eeg = np.random.randn(n_trials, n_channels, n_times).astype(np.float32)
eeg -= eeg.mean(axis=-1, keepdims=True)
eeg /= eeg.std(axis=-1, keepdims=True)
car = eeg - eeg.mean(axis=1, keepdims=True)
power = (np.abs(np.fft.rfft(eeg, axis=-1)) ** 2); bands = power[..., 1:5].mean(axis=-1)
epochs = eeg.reshape(n_trials, n_channels, 4, 5).mean(axis=-1)
long = eeg.transpose(1, 0, 2).reshape(n_channels, n_trials * n_times)
cov = np.einsum("nct,ndt->ncd", eeg, eeg) / n_times
covm = np.matmul(eeg, eeg.transpose(0, 2, 1)) / n_times
feats = np.concatenate([bands, epochs.reshape(n_trials, -1)], axis=1)
feats = (feats - feats.mean(0, keepdims=True)) / (feats.std(0, keepdims=True) + 1e-6)
n_samples, n_mels = 200, 8   # samples of one recording
wave = np.sin(np.arange(n_samples) / 5); frames = wave.reshape(-1, 10); frames = frames * np.hanning(10); wave = wave / np.abs(wave).max()
csum = np.cumsum(np.random.randn(n_samples)); stereo = np.random.randn(n_samples, 2).cumsum(axis=0); mono = stereo.mean(axis=1)
stft = np.stack([np.fft.rfft(wave[i:i + 32] * np.hanning(32)) for i in range(0, n_samples - 32, 8)], axis=1)
mel = np.random.rand(n_mels, stft.shape[0]) @ np.abs(stft); mel = np.log(mel + 1e-6); mel = (mel - mel.mean(axis=1, keepdims=True)) / mel.std(axis=1, keepdims=True)
net = nn.Conv1d(n_channels, 3, 3); out = net(torch.from_numpy(eeg)).mean(-1)
print("RESULT", out.sum().item(), cov.shape, np.allclose(cov, covm, atol=1e-5), long.shape, feats.shape, frames.shape, mel.shape, csum.shape, mono.shape, car.shape)
