"""class-axis: where it fires, and what looks alike and is right."""

from __future__ import annotations

from typing import Any

import pytest

FIRES = {
    "one-hot targets and a softmax along another axis": """
scores = nn.Linear(4, 7)(torch.randn(2, 5, 4))
targets = F.one_hot(torch.tensor([[0, 2, 1, 5, 6], [1, 1, 2, 3, 3]]), 7).float()
loss = -(targets * scores.log_softmax(dim=1)).sum(-1).mean()
""",
    "a softmax by hand over the batch": """
batch_size, num_classes = 6, 4
scores = torch.exp(nn.Linear(3, num_classes)(torch.randn(batch_size, 3)))
scores / scores.sum(dim=0, keepdim=True)
""",
    "the best of the batch": """
batch_size = 5
logits = nn.Linear(3, 4)(torch.randn(batch_size, 3))
logits.topk(2, dim=0)
""",
    "draws from the batch": """
batch_size = 5
probs = nn.Linear(3, 4)(torch.randn(batch_size, 3)).softmax(1)
torch.multinomial(probs.T, 1)
""",
    "cosine along the words": """
words = nn.Embedding(30, 6)
a, b = torch.randint(0, 30, (4, 5)), torch.randint(0, 30, (4, 5))
F.cosine_similarity(words(a), words(b))
""",
    "norm along the words": """
F.normalize(nn.Linear(3, 6)(torch.randn(4, 5, 3)))
""",
    "the largest score beside the classes": """
logits, labels = torch.randn(5, 5), torch.randint(0, 5, (5,))
F.cross_entropy(logits, labels)
values, predicted = torch.max(logits, 0)
""",
    "argmax over the width": """
logits, labels = torch.randn(2, 4, 5, 5), torch.randint(0, 4, (2, 5, 5))
F.cross_entropy(logits, labels)
logits.argmax(dim=-1)
""",
    "all of the samples": """
n_samples, n_tags = 6, 3
right = torch.randn(n_samples, n_tags) == torch.randn(n_samples, n_tags)
right.all(dim=0)
""",
    "cosines of columns": """
n_pairs = 6
F.cosine_similarity(torch.randn(n_pairs, 6), torch.randn(n_pairs, 6), dim=0)
""",
    "time as classes": """
batch, seq_len = 2, 6
F.cross_entropy(torch.randn(batch, seq_len, 6), torch.randint(0, 6, (batch, seq_len)))
""",
    "softmax over the samples": """
logp = F.log_softmax(torch.randn(7, 3), dim=0)
F.nll_loss(logp, torch.randint(0, 3, (7,)))
""",
    "probabilities over the batch": """
batch_size, n_classes = 5, 3
probs = F.softmax(nn.Linear(4, n_classes)(torch.randn(batch_size, 4)), dim=0)
""",
}

SILENT = {
    "one-hot targets and a softmax along the classes": """
scores = nn.Linear(4, 7)(torch.randn(2, 5, 4))
targets = F.one_hot(torch.tensor([[0, 2, 1, 5, 6], [1, 1, 2, 3, 3]]), 7).float()
loss = -(targets * scores.log_softmax(dim=-1)).sum(-1).mean()
""",
    "weights over tokens, of which each belongs to one speaker": """
weights = nn.Linear(4, 6)(torch.randn(2, 3, 4)).softmax(dim=-1)
speaks = F.one_hot(torch.tensor([[0, 2, 1, 1, 0, 2]] * 2), 3).transpose(1, 2)
share = weights * speaks
""",
    "a permutation, one-hot along both, and a mask": """
scores = torch.randn(5, 5, requires_grad=True).log_softmax(0)
matched = (scores * torch.eye(5)[torch.randperm(5)]).sum()
steps = torch.randn(3, 4, requires_grad=True).softmax(-1) * (torch.arange(4) < 3).expand(3, 4)
""",
    "plans drawn for each robot are weighed against one another": """
robots, num_samples = 4, 16
cost = torch.randn(robots * num_samples).view(-1, num_samples)
weights = torch.softmax(-cost / 0.3, dim=1)
""",
    "steps of one token, and places picked among as many": """
B, N, V = 5, 6, 12
places = torch.randint(0, N, (B, N))
words = nn.Linear(4, V)(torch.randn(B, N, 4)[:, :1])
F.nll_loss(torch.randn(B, N, N).log_softmax(-1).view(-1, N), places.reshape(-1))
words.softmax(-1)
""",
    "hypotheses of each sample choose among places": """
B, K, N = 5, 3, 6
keys = torch.rand(B, N, 4).repeat_interleave(K, dim=0)
torch.rand(B, N)
nn.Linear(4, 1)(keys).squeeze(-1).log_softmax(-1)
""",
    "pairs of pictures and texts, of attention as a function": """
B, D = 6, 6
q, k, o = nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D)
image, text = torch.randn(4, B, D), nn.Linear(D, D)(torch.randn(B, D))
x, _ = F.multi_head_attention_forward(
    image[:1], image, image, D, 2, None, torch.zeros(3 * D), None, None, False, 0.0,
    o.weight, o.bias, use_separate_proj_weight=True, q_proj_weight=q.weight,
    k_proj_weight=k.weight, v_proj_weight=q.weight, need_weights=False)
F.cross_entropy(x.squeeze(0) @ text.t(), torch.arange(B))
""",
    "the last token of texts that are told from one another": """
texts, images = torch.randint(1, 99, (8, 16)), torch.rand(8, 20)
embedding, project, labels = nn.Embedding(100, 12), nn.Linear(20, 12), torch.arange(8)
for _ in range(2):
    x = embedding(texts)[torch.arange(8), texts.argmax(dim=-1)]
    logits = project(images) @ x.t()
    print(F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))
""",
    "a softmax by hand over the classes": """
batch_size, num_classes = 6, 4
scores = torch.exp(nn.Linear(3, num_classes)(torch.randn(batch_size, 3)))
scores / scores.sum(dim=1, keepdim=True), scores / scores.sum()
""",
    "what each sample has of all there is": """
batch_size, n_features = 6, 4
counts = torch.rand(batch_size, n_features)
counts / counts.sum(dim=0, keepdim=True)
""",
    "the best classes": """
batch_size = 5
logits = nn.Linear(3, 4)(torch.randn(batch_size, 3))
logits.topk(2), logits.topk(2, dim=1), torch.multinomial(logits.softmax(1), 1)
""",
    "the best of several instances": """
n_instances = 5
scores = nn.Linear(3, 4)(torch.randn(n_instances, 3)).topk(2, dim=0)
""",
    "cosine along the features": """
words = nn.Embedding(30, 6)
a, b = torch.randint(0, 30, (4, 5)), torch.randint(0, 30, (4, 5))
F.cosine_similarity(words(a), words(b), dim=-1), F.cosine_similarity(words(a).mT, words(b).mT)
""",
    "norm along channels": """
F.normalize(nn.Conv2d(3, 6, 3)(torch.randn(4, 3, 8, 8)))
F.normalize(nn.Linear(3, 6)(torch.randn(4, 5, 3)).transpose(1, 2))
""",
    "both directions of similarities": """
logits, labels = torch.randn(4, 8) @ torch.randn(8, 4), torch.arange(4)
F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)
logits.argmax(dim=0), logits.argmax(dim=1)
""",
    "images and texts, each the class of its own": """
images, texts = nn.Linear(6, 8)(torch.randn(5, 6)), nn.Linear(7, 8)(torch.randn(5, 7))
logits, truth = images @ texts.t(), torch.arange(len(images)).to("cpu").long()
F.cross_entropy(logits, truth) + F.cross_entropy(logits.t(), truth)
""",
    "windows of a series, read as samples": """
n_steps, n_features, lookback = 20, 3, 6
windows = torch.randn(n_steps, n_features).unfold(0, lookback, 1).transpose(1, 2)
nn.GRU(n_features, 4, batch_first=True)(windows)
""",
    "all tags of a sample": """
n_samples, n_tags = 6, 3
right = torch.randn(n_samples, n_tags) == torch.randn(n_samples, n_tags)
right.all(dim=1)
""",
    "steps that are padding for all": """
batch_size, seq_len = 3, 5
ids = torch.randint(0, 2, (batch_size, seq_len))
(ids == 0).all(dim=0)
""",
    "as it should be": """
batch, n_classes, seq_len = 2, 6, 6
F.cross_entropy(torch.randn(batch, n_classes, seq_len), torch.randint(0, 6, (batch, seq_len)))
""",
    "similarities between samples": """
batch_size, dim = 5, 8
a, b = torch.randn(batch_size, dim), torch.randn(batch_size, dim)
F.cross_entropy(a @ b.t(), torch.arange(batch_size))
""",
    "tags of one sentence": """
seq_len, n_tags = 6, 4
F.nll_loss(F.log_softmax(torch.randn(seq_len, n_tags), 1), torch.randint(0, 4, (seq_len,)))
""",
    "flattened": """
batch, seq_len, vocab = 2, 6, 9
logits, y = torch.randn(batch, seq_len, vocab), torch.randint(0, vocab, (batch, seq_len))
F.cross_entropy(logits.view(-1, vocab), y.view(-1))
""",
}


@pytest.mark.parametrize("program", FIRES.values(), ids=FIRES.keys())
def test_it_fires(program: str, seen: Any) -> None:
    assert "class-axis" in [finding.slug for finding in seen(program)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_on_what_looks_alike(program: str, seen: Any) -> None:
    assert [str(finding) for finding in seen(program)] == []
