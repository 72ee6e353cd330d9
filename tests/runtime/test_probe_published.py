"""More correct programs, of the kinds that papers and tutorials are made of: none is an alarm."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shapecheck.core.evidence import Skipped, Trial

CASES: dict[str, tuple[Any, ...]] = {}


def add(name: str, *case: Any) -> None:
    CASES[name] = case


torch.manual_seed(0)


# 1 torchvision-like resnet block training
class Block(nn.Module):
    def __init__(self, i, o, stride=1):
        super().__init__()
        self.c1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.b1 = nn.BatchNorm2d(o)
        self.c2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.b2 = nn.BatchNorm2d(o)
        self.down = (
            nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
            if stride != 1 or i != o
            else None
        )

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c2 h2 w2"]:
        y = self.b2(self.c2(F.relu(self.b1(self.c1(x)))))
        return F.relu(y + (self.down(x) if self.down else x))


add("resblock", Block(3, 8, 2), torch.randn(4, 3, 8, 8))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.d = nn.Conv2d(3, 8, 3, 2, 1)
        self.u = nn.ConvTranspose2d(8, 3, 2, 2)

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h w"]:
        return self.u(F.relu(self.d(x))) + x


add("unet", UNet(), torch.randn(2, 3, 8, 8))


class SE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.f = nn.Sequential(nn.Linear(4, 2), nn.ReLU(), nn.Linear(2, 4), nn.Sigmoid())

    def forward(self, x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c h w"]:
        b, ch, _, _ = x.size()
        w = self.f(x.mean((2, 3))).view(b, ch, 1, 1)
        return x * w.expand_as(x)


add("se", SE(), torch.randn(4, 4, 4, 4))


class BahdanauDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Linear(8, 8)
        self.U = nn.Linear(8, 8)
        self.V = nn.Linear(8, 1)
        self.gru = nn.GRU(16, 8, batch_first=True)

    def forward(
        self,
        h: Float[Tensor, "1 batch hidden"],
        enc: Float[Tensor, "batch src hidden"],
        emb: Float[Tensor, "batch 1 hidden"],
    ) -> tuple[
        Float[Tensor, "batch 1 hidden"],
        Float[Tensor, "1 batch hidden"],
        Float[Tensor, "batch 1 src"],
    ]:
        q = h.permute(1, 0, 2)
        sc = self.V(torch.tanh(self.W(q) + self.U(enc))).squeeze(2).unsqueeze(1)
        w = F.softmax(sc, -1)
        ctx = torch.bmm(w, enc)
        out, h = self.gru(torch.cat((emb, ctx), 2), h)
        return out, h, w


add("bahdanau", BahdanauDecoder(), torch.randn(1, 4, 8), torch.randn(4, 5, 8), torch.randn(4, 1, 8))


class CharRNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Embedding(11, 6)
        self.r = nn.LSTM(6, 7, 2, batch_first=True, dropout=0.3)
        self.o = nn.Linear(7, 11)

    def forward(
        self, x: Int[Tensor, "batch seq"], hidden: tuple[Tensor, Tensor]
    ) -> Float[Tensor, "batch*seq vocab"]:
        r, _ = self.r(self.e(x), hidden)
        return self.o(r.contiguous().view(-1, 7))


add(
    "charrnn", CharRNN(), torch.randint(0, 11, (3, 5)), (torch.randn(2, 3, 7), torch.randn(2, 3, 7))
)


class SkipGram(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.i = nn.Embedding(11, 6)
        self.o = nn.Embedding(11, 6)

    def forward(
        self, t: Int[Tensor, "batch"], ctx: Int[Tensor, "batch"], neg: Int[Tensor, "batch k"]
    ) -> Float[Tensor, "batch"]:
        v = self.i(t)
        p = F.logsigmoid((v * self.o(ctx)).sum(1))
        n = F.logsigmoid(-torch.bmm(self.o(neg), v.unsqueeze(2)).squeeze(2)).sum(1)
        return -(p + n)


add(
    "skipgram",
    SkipGram(),
    torch.randint(0, 11, (4,)),
    torch.randint(0, 11, (4,)),
    torch.randint(0, 11, (4, 3)),
)


def actor(obs: Float[Tensor, "batch obs"]) -> Int[Tensor, "batch"]:
    return torch.distributions.Categorical(logits=obs).sample()


add("categorical", actor, torch.randn(5, 4))


def normal_rsample(
    mu: Float[Tensor, "batch a"],
) -> tuple[Float[Tensor, "batch a"], Float[Tensor, "batch"]]:
    d = torch.distributions.Normal(mu, 1.0)
    a = d.rsample()
    return a, d.log_prob(a).sum(-1)


add("normal", normal_rsample, torch.randn(5, 4))


def gae(
    r: Float[Tensor, "time batch"], v: Float[Tensor, "time batch"]
) -> Float[Tensor, "time batch"]:
    adv = torch.zeros_like(r)
    last = torch.zeros(r.size(1))
    for t in reversed(range(r.size(0) - 1)):
        last = r[t] + 0.9 * v[t + 1] - v[t] + 0.8 * last
        adv[t] = last
    return adv


add("gae", gae, torch.randn(6, 4), torch.randn(6, 4))


def norm_adv(a: Float[Tensor, "batch"]) -> Float[Tensor, "batch"]:
    return (a - a.mean()) / (a.std() + 1e-8)


add("norm adv", norm_adv, torch.randn(6))


class MyBN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.g = nn.Parameter(torch.ones(3))
        self.register_buffer("rm", torch.zeros(3))
        self.register_buffer("rv", torch.ones(3))

    def forward(self, x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
        if self.training:
            m = x.mean(0)
            v = x.var(0, unbiased=False)
            self.rm = 0.9 * self.rm + 0.1 * m.detach()
            self.rv = 0.9 * self.rv + 0.1 * v.detach()
        else:
            m, v = self.rm, self.rv
        return self.g * (x - m) / torch.sqrt(v + 1e-5)


add("my bn", MyBN(), torch.randn(5, 3))
add("my bn eval", MyBN().eval(), torch.randn(5, 3))


class MyLN(nn.Module):
    def forward(self, x: Float[Tensor, "batch t d"]) -> Float[Tensor, "batch t d"]:
        return (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6)


add("my ln", MyLN(), torch.randn(5, 3, 4))


class Disc(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.n = nn.Sequential(
            nn.Conv2d(1, 4, 4, 2, 1),
            nn.LeakyReLU(),
            nn.Conv2d(4, 8, 4, 2, 1),
            nn.BatchNorm2d(8),
            nn.Flatten(),
            nn.Linear(8 * 4, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Float[Tensor, "batch 1 8 8"]) -> Float[Tensor, "batch 1"]:
        return self.n(x)


add("disc", Disc(), torch.randn(4, 1, 8, 8))


def mb_std(x: Float[Tensor, "batch c h w"]) -> Float[Tensor, "batch c+1 h w"]:
    s = x.std(0).mean().expand(x.size(0), 1, x.size(2), x.size(3))
    return torch.cat([x, s], 1)


add("minibatch stddev (GAN)", mb_std, torch.randn(4, 2, 3, 3))


class RoPE(nn.Module):
    def forward(
        self, x: Float[Tensor, "batch heads time d"]
    ) -> Float[Tensor, "batch heads time d"]:
        T, D = x.shape[-2:]
        th = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
        a, b = x[..., ::2], x[..., 1::2]
        return torch.stack([a * th.cos() - b * th.sin(), a * th.sin() + b * th.cos()], -1).flatten(
            -2
        )


add("rope", RoPE(), torch.randn(4, 4, 4, 4))


class Caps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.randn(1, 3, 5, 4, 2))

    def forward(self, x: Float[Tensor, "batch n d"]) -> Float[Tensor, "batch 5 4"]:
        u = (self.W @ x[:, :, None, :, None]).squeeze(-1)
        b = torch.zeros(*u.shape[:3], 1)
        for _ in range(3):
            cc = b.softmax(2)
            v = (cc * u).sum(1, keepdim=True)
            b = b + (u * v).sum(-1, keepdim=True)
        return v.squeeze(1)


add("capsules", Caps(), torch.randn(4, 3, 2))


def viterbi(
    e: Float[Tensor, "batch seq tags"], tr: Float[Tensor, "tags tags"]
) -> tuple[Float[Tensor, "batch"], Int[Tensor, "batch seq"]]:
    sc = e[:, 0]
    bps = []
    for t in range(1, e.size(1)):
        n = sc.unsqueeze(2) + tr
        sc, bp = n.max(1)
        sc = sc + e[:, t]
        bps.append(bp)
    best, last = sc.max(1)
    path = [last]
    for bp in reversed(bps):
        path.append(bp.gather(1, path[-1][:, None])[:, 0])
    return best, torch.stack(path[::-1], 1)


add("viterbi", viterbi, torch.randn(4, 5, 3), torch.randn(3, 3))


def greedy(x: Float[Tensor, "batch d"]) -> Int[Tensor, "batch steps"]:
    out = []
    h = x
    done = torch.zeros(x.size(0), dtype=torch.bool)
    for _ in range(10):
        t = h.argmax(1)
        t = torch.where(done, torch.zeros_like(t), t)
        out.append(t)
        done |= t == 2
        if done.all():
            break
        h = torch.roll(h, 1, 1)
    return torch.stack(out, 1)


add("greedy decode", greedy, torch.randn(4, 5))


class VQ(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Embedding(7, 4)

    def forward(
        self, z: Float[Tensor, "batch n d"]
    ) -> tuple[Float[Tensor, "batch n d"], Int[Tensor, "batch n"]]:
        f = z.reshape(-1, 4)
        d = f.pow(2).sum(1, keepdim=True) - 2 * f @ self.e.weight.T + self.e.weight.pow(2).sum(1)
        i = d.argmin(1)
        q = self.e(i).view_as(z)
        return z + (q - z).detach(), i.view(z.shape[:2])


add("vq", VQ(), torch.randn(4, 5, 4))


class DynMask(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Embedding(9, 8, padding_idx=0)
        self.t = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)

    def forward(self, x: Int[Tensor, "batch seq"]) -> Float[Tensor, "batch d"]:
        pad = x == 0
        h = self.t(self.e(x), src_key_padding_mask=pad)
        h = h.masked_fill(pad[..., None], 0)
        return h.sum(1) / (~pad).sum(1, keepdim=True).clamp(min=1)


tok = torch.tensor([[1, 2, 3, 4, 5, 6], [7, 8, 1, 0, 0, 0], [2, 3, 0, 0, 0, 0], [4, 4, 4, 4, 0, 0]])
add("classifier pad train", DynMask(), tok)
add("classifier pad eval", DynMask().eval(), tok)


def focal(scores: Float[Tensor, "batch c"], t: Int[Tensor, "batch"]) -> Float[Tensor, "batch"]:
    ce = F.cross_entropy(scores, t, reduction="none")
    return (1 - torch.exp(-ce)) ** 2 * ce


add("focal", focal, torch.randn(4, 3), torch.tensor([0, 1, 2, 1]))


def triplet(
    a: Float[Tensor, "batch d"], p: Float[Tensor, "batch d"], n: Float[Tensor, "batch d"]
) -> Float[Tensor, "batch"]:
    return F.triplet_margin_loss(a, p, n, reduction="none")


add("triplet", triplet, torch.randn(4, 3), torch.randn(4, 3), torch.randn(4, 3))


def weighted_ce(
    scores: Float[Tensor, "batch c"], t: Int[Tensor, "batch"]
) -> Float[Tensor, "batch"]:
    w = torch.bincount(t, minlength=3).float()
    w = w.sum() / w.clamp(min=1)
    return F.cross_entropy(scores, t, weight=w, reduction="none")


add("class balanced by batch", weighted_ce, torch.randn(4, 3), torch.tensor([0, 1, 2, 1]))


def pool_rows(x: Float[Tensor, "nodes d"], b: Int[Tensor, "nodes"]) -> Float[Tensor, "graphs d"]:
    return torch.zeros(2, x.size(1)).index_add(0, b, x)


add("global pool", pool_rows, torch.randn(5, 3), torch.tensor([0, 0, 1, 1, 1]))


def batchwise_gather(
    x: Float[Tensor, "batch seq d"], i: Int[Tensor, "batch k"]
) -> Float[Tensor, "batch k d"]:
    return x.gather(1, i[..., None].expand(-1, -1, x.size(2)))


add("gather", batchwise_gather, torch.randn(4, 5, 3), torch.randint(0, 5, (4, 2)))


def sort_rows(
    x: Float[Tensor, "batch d"],
) -> tuple[Float[Tensor, "batch d"], Int[Tensor, "batch d"]]:
    return x.sort(dim=1)


add("sort", sort_rows, torch.randn(4, 5))


class Stateful(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.r = nn.LSTM(3, 4, batch_first=True)
        self.hidden = (torch.zeros(1, 4, 4), torch.zeros(1, 4, 4))

    def forward(self, x: Float[Tensor, "batch seq 3"]) -> Float[Tensor, "batch seq 4"]:
        o, self.hidden = self.r(x, self.hidden)
        return o


add("stateful fixed", Stateful(), torch.randn(4, 5, 3))


class Tut(nn.Module):  # classic pytorch LSTM tagger: one sentence
    def __init__(self) -> None:
        super().__init__()
        self.e = nn.Embedding(9, 6)
        self.l = nn.LSTM(6, 6)
        self.t = nn.Linear(6, 3)

    def forward(self, x: Int[Tensor, "seq"]) -> Float[Tensor, "seq tags"]:
        e = self.e(x)
        o, _ = self.l(e.view(len(x), 1, -1))
        return F.log_softmax(self.t(o.view(len(x), -1)), 1)


add("tagger", Tut(), torch.randint(0, 9, (5,)))


def jac(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    x = x.detach().requires_grad_(True)
    e = (x**2).sum()
    return torch.autograd.grad(e, x)[0]


add("forces", jac, torch.randn(4, 3))


def ema_teacher(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    with torch.no_grad():
        return F.layer_norm(x, (x.size(1),))


add("no grad", ema_teacher, torch.randn(4, 3))


class Hyper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.g = nn.Linear(3, 6)

    def forward(
        self, x: Float[Tensor, "batch 2"], z: Float[Tensor, "batch 3"]
    ) -> Float[Tensor, "batch 3"]:
        w = self.g(z).view(-1, 3, 2)
        return torch.einsum("boi,bi->bo", w, x)


add("hypernet", Hyper(), torch.randn(4, 2), torch.randn(4, 3))


class GConv(nn.Module):
    def forward(
        self, x: Float[Tensor, "batch c t"], w: Float[Tensor, "batch c k"]
    ) -> Float[Tensor, "batch c t2"]:
        b, ch, t = x.shape
        return F.conv1d(x.reshape(1, b * ch, t), w.reshape(b * ch, 1, -1), groups=b * ch).view(
            b, ch, -1
        )


add("grouped conv per sample", GConv(), torch.randn(3, 2, 6), torch.randn(3, 2, 3))


class ST(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.MultiheadAttention(8, 2, batch_first=True)
        self.b = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(
        self, x: Float[Tensor, "batch time joints d"]
    ) -> Float[Tensor, "batch time joints d"]:
        B, T, J, D = x.shape
        y = x.reshape(B * T, J, D)
        y = self.a(y, y, y)[0].view(B, T, J, D)
        z = y.transpose(1, 2).reshape(B * J, T, D)
        return self.b(z, z, z)[0].view(B, J, T, D).transpose(1, 2)


add("space-time attention", ST(), torch.randn(2, 3, 4, 8))
add("space-time attention eq", ST(), torch.randn(3, 3, 3, 8))


class LN2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.n = nn.BatchNorm1d(5)

    def forward(self, x: Float[Tensor, "batch seq d"]) -> Float[Tensor, "batch seq d"]:
        return self.n(x.transpose(1, 2)).transpose(1, 2)


add("bn over channels", LN2(), torch.randn(4, 3, 5))


def fb(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return F.batch_norm(x, None, None, training=True)


add("functional bn", fb, torch.randn(5, 3))


def drop_path(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    k = torch.rand(x.size(0), 1) > 0.3
    return x * k / 0.7


add("drop path", drop_path, torch.randn(5, 3))


def gumbel(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return F.gumbel_softmax(x, hard=True)


add("gumbel", gumbel, torch.randn(5, 3))


def specaug(x: Float[Tensor, "batch t f"]) -> Float[Tensor, "batch t f"]:
    x = x.clone()
    t = random.randrange(x.size(1) - 1)
    x[:, t : t + 1] = 0
    return x


add("specaugment", specaug, torch.randn(4, 5, 3))


def xcorr(a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]) -> Float[Tensor, "d d"]:
    return (a - a.mean(0)).T @ (b - b.mean(0)) / a.size(0)


add("barlow", xcorr, torch.randn(4, 3), torch.randn(4, 3))


def simclr(a: Float[Tensor, "batch d"], b: Float[Tensor, "batch d"]) -> Float[Tensor, ""]:
    z = F.normalize(torch.cat([a, b]), dim=1)
    similar = z @ z.T
    similar.fill_diagonal_(-1e9)
    n = len(a)
    return F.cross_entropy(similar, torch.cat([torch.arange(n) + n, torch.arange(n)]))


add("simclr", simclr, torch.randn(4, 3), torch.randn(4, 3))


class Proto(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.f = nn.Linear(3, 4)

    def forward(
        self, sup: Float[Tensor, "way shot d"], q: Float[Tensor, "batch d"]
    ) -> Float[Tensor, "batch way"]:
        p = self.f(sup).mean(1)
        return -torch.cdist(self.f(q), p)


add("protonet", Proto(), torch.randn(3, 2, 3), torch.randn(4, 3))


def pca(x: Float[Tensor, "samples d"]) -> Float[Tensor, "samples 2"]:
    x = x - x.mean(0)
    v = torch.linalg.svd(x, full_matrices=False).Vh
    return x @ v[:2].T


add("pca", pca, torch.randn(6, 3))


def whiten(x: Float[Tensor, "samples d"]) -> Float[Tensor, "samples d"]:
    m = x.mean(0)
    c = (x - m).T @ (x - m) / (len(x) - 1)
    e, v = torch.linalg.eigh(c)
    return (x - m) @ v / e.sqrt()


add("whiten", whiten, torch.randn(9, 3))


def ranks(x: Float[Tensor, "samples"]) -> Int[Tensor, "samples"]:
    return x.argsort().argsort()


add("ranks", ranks, torch.randn(5))


def softplus_stable(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return (x - x.max()).exp() / (x - x.max()).exp().sum(1, keepdim=True)


add("global max stabilised softmax", softplus_stable, torch.randn(5, 3))


def zscore_all(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return (x - x.mean()) / x.std()


add("zscore all", zscore_all, torch.randn(5, 3))


@pytest.mark.parametrize("name", CASES)
def test_no_alarm(name: str, probe: Callable[..., list[Trial | Skipped]]) -> None:
    torch.manual_seed(0)
    found = probe(*CASES[name])
    trials = [t for t in found if isinstance(t, Trial)]
    assert [t for t in trials if t.outcome == "broken" and not t.excuse] == []
    assert [t for t in trials if t.outcome != "skipped"]
    assert [t for t in found if isinstance(t, Skipped)] == []
