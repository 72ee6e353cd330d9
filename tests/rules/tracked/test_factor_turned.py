"""factor-turned: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

DATA = """
torch.manual_seed(0)
n, d, k = 40, 6, 2
X = torch.randn(n, d) * torch.arange(1.0, d + 1)
mean = X.mean(0)
Xc = X - mean
"""
SVD = DATA + "U, S, Vh = torch.linalg.svd(Xc, full_matrices=False)\n"
COV = DATA + "cov = Xc.T @ Xc / (n - 1)\n"

FIRES = {
    "columns of Vh as directions": SVD + "Z = Xc @ Vh[:, :k]",
    "what was not centred": SVD + "Z = X @ Vh",
    "whitened by rows of Vh": SVD + "Z = torch.einsum('nd,dk->nk', Xc, Vh)",
    "rows of V as directions": DATA
    + """
U, S, V = torch.svd(Xc)
Z = Xc @ V.t()
""",
    "eigenvectors in rows": COV
    + """
values, vectors = torch.linalg.eigh(cov)
Z = Xc @ vectors.T
""",
    "a reconstruction by what projected": SVD + "Z = Xc @ Vh.T\nback = Z @ Vh.T + mean",
    "scores turned back by rows": COV
    + """
values, vectors = torch.linalg.eigh(cov)
Z = X @ vectors
back = Z @ vectors
""",
    "noise that meets a triangle from the left": COV
    + """
L = torch.linalg.cholesky(cov)
samples = mean + torch.randn(n, d) @ L
""",
}

SILENT = {
    "projected and turned back": SVD
    + """
Z = Xc @ Vh[:k].T
back = Z @ Vh[:k] + mean
(U * S) @ Vh, U[:, :k] * S[:k] @ Vh[:k], U @ torch.diag(S) @ Vh, Xc @ Vh.T / S
torch.einsum('nd,kd->nk', X, Vh), S[:, None] * Vh, Vh @ Xc.T, Vh.T @ Vh
""",
    "V as it is": DATA
    + """
U, S, V = torch.svd(Xc)
Xc @ V[:, :k] @ V[:, :k].t() + mean
U, S, V = torch.pca_lowrank(X, q=d)
torch.matmul(Xc, V[:, :k]) @ V[:, :k].mT
""",
    "a covariance taken apart, whitened, put together": COV
    + """
values, vectors = torch.linalg.eigh(cov)
Xc @ vectors.flip(1)[:, :k], vectors * values @ vectors.T, vectors @ torch.diag(values) @ vectors.T
Xc @ vectors @ torch.diag(values.rsqrt()) @ vectors.T, vectors.T @ cov @ vectors
""",
    "random numbers in the basis, named as the data": SVD
    + """
latent = torch.randn(n, d) * S / n ** 0.5
mean + latent @ Vh
noise = 0.1 * torch.randn(n, d)
(Xc @ Vh.T + noise) @ Vh, noise @ Vh
""",
    "random rotations": DATA
    + """
Q = torch.linalg.qr(torch.randn(d, d)).Q
X @ Q, X @ Q.T, Q @ Q.T, Q.T @ X.T
rotation, _ = torch.linalg.qr(torch.randn(6, 6))
X @ rotation, X @ rotation.T
""",
    "one set of points turned onto another": DATA
    + """
Y = X @ torch.linalg.qr(torch.randn(d, d)).Q
U, _, Vh = torch.linalg.svd(Xc.T @ (Y - Y.mean(0)))
Xc @ (U @ Vh), (Vh.T @ U.T) @ Xc.T, Xc @ U @ Vh
""",
    "noise that has the covariance": COV
    + """
L = torch.linalg.cholesky(cov)
eps = torch.randn(n, d)
mean + eps @ L.T, mean + (L @ eps.T).T, mean + (L @ eps[0])
white = torch.linalg.solve_triangular(L, Xc.T, upper=False)
precision = torch.linalg.cholesky(torch.linalg.inv(cov))
Xc @ precision, white.T + eps, white.T + 0.1 * torch.randn(n, d)
Xc @ precision + 0.1 * torch.randn(n, d), torch.linalg.solve(cov, Xc.T)
torch.distributions.MultivariateNormal(mean, cov).rsample((5,)) + mean
""",
    "least squares": DATA
    + """
Q, R = torch.linalg.qr(Xc)
w = torch.linalg.solve_triangular(R, Q.T @ X[:, :1], upper=True)
Xc @ w, Xc @ torch.linalg.lstsq(Xc, X[:, :1]).solution, Xc @ torch.linalg.pinv(Xc)
A = cov = Xc.T @ Xc
for _ in range(3):
    Q, R = torch.linalg.qr(A)
    A = R @ Q
Q = torch.linalg.qr(torch.randn(d, k)).Q
for _ in range(3):
    Q = torch.linalg.qr(cov @ Q).Q
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert [finding.slug for finding in seen(program)] == ["factor-turned"]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
