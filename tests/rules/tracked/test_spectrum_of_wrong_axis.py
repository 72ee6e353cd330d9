"""spectrum-of-wrong-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

_LOADER = """
import torch
from torch.utils.data import DataLoader, TensorDataset
data = TensorDataset(torch.rand(8, 16, 3), torch.arange(8))
for x, y in DataLoader(data, batch_size=4):
"""

FIRES = {
    "the batch of a loader": _LOADER + "    torch.fft.rfft(x, dim=0)",
    "all axes, unasked": """
batch_size = 4
torch.fft.fftn(torch.randn(batch_size, 3, 8, 8)).abs().mean()
""",
    "the batch by its letter, beside time": """
B, T, C = 4, 16, 3
x = torch.randn(B, T, C)
torch.fft.fft2(x, dim=(0, 1)).real
""",
    "periods of what was not transformed": """
B, L, N = 3, 24, 9
x = torch.randn(B, L, N).transpose(1, 2)
x = x + 0.1 * nn.Linear(L, L)(x)
amplitude = torch.fft.rfft(x, dim=1).abs().mean(0).mean(-1)
_, top = torch.topk(amplitude, 2)
torch.div(L, top + 1, rounding_mode="floor")
""",
    "the same, where the frequencies are averaged": """
x = torch.randn(4, 48, 7)
amplitude = torch.abs(torch.fft.rfft(x, dim=2)).mean(0).mean(-1)
_, top = torch.topk(amplitude, 3)
period = x.shape[1] // (top + 1)
""",
    "the longest period, read of a shape": """
x = torch.randn(4, 48, 7)
spectrum = torch.fft.rfft(x.permute(0, 2, 1), dim=1)
freq = spectrum.abs().mean(dim=(0, 2))[1:].argmax()
period = x.shape[1] // (freq + 1)
""",
    "a short-time transform of steps first": """
seq_len, batch_size = 64, 8
torch.stft(torch.randn(seq_len, batch_size), 4, return_complex=True, window=torch.ones(4))
""",
}

SILENT = {
    "time, space": _LOADER
    + """
    spectrum = torch.fft.rfft(x, dim=1)
    (torch.fft.irfft(spectrum, n=x.size(1), dim=1) - x).abs().mean()
    torch.fft.fft2(x.unsqueeze(-1), dim=(1, 3)), torch.fft.fftshift(spectrum, dim=1)
""",
    "tokens mixed along features and steps": """
batch_size, seq_len, d_model = 3, 16, 8
x = torch.randn(batch_size, seq_len, d_model)
torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real, torch.fft.fft2(x).real
torch.fft.fft(torch.fft.fft(x).transpose(1, 2)).real, torch.fft.ifft(torch.fft.fft(x)).real
""",
    "samples of a signal, by channel": """
n_samples, n_sensors = 64, 4
x = torch.randn(n_samples, n_sensors)
torch.fft.rfft(x, dim=0).abs()[1:].argmax(0)
""",
    "rows of features, one sample": """
batch_size, n_features = 6, 4
torch.fft.fft(torch.randn(batch_size, n_features), dim=0)
batch_size = 1
torch.fft.fftn(torch.randn(batch_size, 8, 8))
""",
    "frames cut from a signal": """
batch_size, n_frames = 3, 10
signal = torch.randn(batch_size, 160)
frames = signal.unfold(1, 16, 16)
torch.fft.rfft(frames * torch.hann_window(16), dim=-1).abs().log1p().mean(1)
torch.fft.rfft(torch.randn(batch_size, n_frames, 16)).abs()
torch.istft(torch.stft(signal, 16, window=torch.ones(16), return_complex=True), 16,
            window=torch.ones(16))
""",
    "periods of what was transformed": """
B, L, N = 3, 24, 9
x = torch.randn(B, L, N)
_, top = torch.topk(torch.fft.rfft(x, dim=1).abs().mean(0).mean(-1)[1:], 2)
periods = L // (top + 1)
periods = x.shape[1] // (top + 1).detach().cpu().numpy()
x = x.transpose(1, 2)
freq = torch.fft.rfft(x).abs().mean((0, 1)).argmax()
x.size(-1) / (freq + 1), torch.div(L, freq + 1), N - freq, freq // N
""",
    "delays by correlation": """
B, L, H, E = 2, 12, 2, 4
q, k = torch.randn(B, L, H, E), torch.randn(B, L, H, E)
q_fft, k_fft = (torch.fft.rfft(t.permute(0, 2, 3, 1), dim=-1) for t in (q, k))
corr = torch.fft.irfft(q_fft * torch.conj(k_fft), n=L, dim=-1)
weights, delay = torch.topk(corr.mean((0, 1, 2)), 3)
(F.softmax(weights, dim=-1) * torch.roll(q, -int(delay[0]), 1).mean()).sum(), L // (delay + 1)
""",
    "a spectral layer": """
batch_size, channels, height, width, modes = 3, 4, 8, 8, 3
x = torch.randn(batch_size, channels, height, width)
weights = nn.Parameter(torch.rand(channels, channels, modes, modes, dtype=torch.cfloat))
spectrum, made = torch.fft.rfft2(x), torch.zeros(batch_size, channels, height, width // 2 + 1)
made = made.to(torch.cfloat)
made[..., :modes, :modes] = torch.einsum("bixy,ioxy->boxy", spectrum[..., :modes, :modes], weights)
x = F.gelu(torch.fft.irfft2(made, s=(height, width)) + nn.Conv2d(channels, channels, 1)(x))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    slugs = {finding.slug for finding in seen(program)}
    assert slugs == {"role-conflict" if "stft" in program else "spectrum-of-wrong-axis"}


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
