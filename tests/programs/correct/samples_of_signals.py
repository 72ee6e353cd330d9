"""Samples of a recording follow one another in time, and those of a ray lie along it."""

import torch
from torch import nn

torch.manual_seed(0)
audio = torch.randn(4, 2, 64)
batch, channels, samples = audio.shape
encoder = nn.Conv1d(channels, 3, 3, padding=1)
reader = nn.GRU(3, 5, batch_first=True)
frames = encoder(audio).transpose(1, 2)
states, _ = reader(frames)

n_samples, n_sensors = 40, 6
recording = torch.randn(n_samples, n_sensors)
rnn = nn.GRU(n_sensors, 5)
alone, _ = rnn(recording)
of_one, _ = rnn(recording.unsqueeze(1))

n_rays, num_samples = 8, 16
density = torch.rand(n_rays, num_samples)
weights = density * torch.exp(-density.cumsum(dim=-1))
weights = weights / weights.sum(dim=-1, keepdim=True)
colour = (weights.unsqueeze(-1) * torch.rand(n_rays, num_samples, 3)).sum(dim=1)
print("RESULT", states.shape, torch.allclose(alone, of_one[:, 0], atol=1e-6), colour.shape)
