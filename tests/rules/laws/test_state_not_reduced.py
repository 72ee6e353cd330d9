"""state-not-reduced: its page, and recursions that reduce what they are to or mean it otherwise."""

from collections.abc import Callable

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor

from shapecheck.core.finding import Finding, Severity

Page = Callable[[str, str], list[Finding]]
Found = Callable[..., list[str]]
Scores = Float[Tensor, "batch time tag"]
Table = Float[Tensor, "tag tag"]
Batch = Float[Tensor, "batch"]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    (finding,) = laws_of_page("state-not-reduced", "Example")
    assert (finding.slug, finding.severity) == ("state-not-reduced", Severity.WARNING)
    assert (finding.place.line, "along axis 2" in finding.message) == (12, True)
    assert laws_of_page("state-not-reduced", "Use instead") == []


def laid_along_the_next(scores: Scores, moves: Table) -> Batch:
    alpha = scores[:, 0]
    for t in range(1, scores.size(1)):
        alpha = (alpha.unsqueeze(1) + moves + scores[:, t].unsqueeze(1)).logsumexp(dim=1)
    return alpha.logsumexp(dim=1)


def best_of_the_next(scores: Scores, moves: Table) -> Float[Tensor, "batch tag"]:
    best = scores[:, 0]
    for t in range(1, scores.size(1)):
        best = (best[:, :, None] + moves).max(dim=2).values + scores[:, t]
    return best


def summed_over_the_next(scores: Scores, moves: Table) -> Batch:
    alpha = scores[:, 0].exp()
    for t in range(1, scores.size(1)):
        alpha = (alpha.unsqueeze(2) * moves.softmax(dim=1)).sum(dim=2) * scores[:, t].exp()
    return alpha.sum(dim=1).log()


@pytest.mark.parametrize("function", [laid_along_the_next, best_of_the_next, summed_over_the_next])
def test_a_state_that_is_only_stretched(function: Callable[..., object], found: Found) -> None:
    torch.manual_seed(0)
    assert found(function, torch.randn(3, 6, 5), torch.randn(5, 5)) == ["state-not-reduced"]


# Right as they are


def from_to(scores: Scores, moves: Table) -> Batch:
    alpha = scores[:, 0]
    for t in range(1, scores.size(1)):
        alpha = (alpha.unsqueeze(2) + moves + scores[:, t].unsqueeze(1)).logsumexp(dim=1)
    return alpha.logsumexp(dim=1)


def to_from(scores: Scores, moves: Table) -> Batch:
    alpha = scores[:, 0]
    for t in range(1, scores.size(1)):
        alpha = (alpha.unsqueeze(1) + moves).logsumexp(dim=2) + scores[:, t]
    return alpha.logsumexp(dim=1)


def backwards(scores: Scores, moves: Table) -> Scores:
    beta = torch.zeros_like(scores[:, 0])
    found = [beta]
    for t in range(scores.size(1) - 1, 0, -1):
        beta = (beta.unsqueeze(1) + moves + scores[:, t].unsqueeze(1)).logsumexp(dim=2)
        found.append(beta)
    return torch.stack(found[::-1], dim=1)


def greedy(scores: Scores, moves: Table) -> Batch:
    total = torch.zeros(len(scores))
    for t in range(scores.size(1)):
        total = (total[:, None] + scores[:, t]).max(dim=1).values
    return total + moves.sum()


def greedy_of_each(
    logits: Float[Tensor, "batch time hypothesis word"], start: Float[Tensor, "hypothesis"]
) -> Float[Tensor, "batch hypothesis"]:
    """As many hypotheses as words: the best word at each step is another one."""
    score = start.expand(len(logits), -1)
    for t in range(logits.size(1)):
        score = (score.unsqueeze(2) + logits[:, t]).amax(dim=2)
    return score


def value_iteration(
    reward: Float[Tensor, "state"], chances: Float[Tensor, "act state state"]
) -> Float[Tensor, "state"]:
    """As many states as actions: the reward is the same whatever is done."""
    value = torch.zeros_like(reward)
    for _ in range(4):
        value = (reward[:, None] + 0.9 * (chances @ value).T).amax(dim=1)
    return value


def balanced(cost: Table) -> Table:
    """Sinkhorn's iteration in logarithms."""
    left, right = torch.zeros(len(cost)), torch.zeros(len(cost))
    for _ in range(4):
        left = left - (left[:, None] + right[None] - cost).logsumexp(dim=1)
        right = right - (left[:, None] + right[None] - cost).logsumexp(dim=0)
    return left[:, None] + right[None] - cost


def nearest_paths(cost: Table) -> Table:
    for _ in range(3):
        cost = (cost[:, :, None] + cost[None]).amin(dim=1)
    return cost


def last_best(first: Float[Tensor, "tag"], moves: Table) -> Int[Tensor, "tag"]:
    best, origin = first, torch.zeros(len(first), dtype=torch.long)
    for _ in range(4):
        best, origin = (best[:, None] + moves).max(dim=0)
    return origin


LOOK_ALIKES: dict[Callable[..., object], tuple[tuple[int, ...], ...]] = {
    from_to: ((3, 6, 5), (5, 5)),
    to_from: ((3, 6, 5), (5, 5)),
    backwards: ((3, 6, 5), (5, 5)),
    greedy: ((3, 6, 5), (5, 5)),
    greedy_of_each: ((3, 6, 5, 5), (5,)),
    value_iteration: ((4,), (4, 4, 4)),
    balanced: ((5, 5),),
    nearest_paths: ((5, 5),),
    last_best: ((5,), (5, 5)),
}


@pytest.mark.parametrize("function", LOOK_ALIKES, ids=lambda function: function.__name__)
def test_what_is_carried_is_reduced_or_meant_to_stay(
    function: Callable[..., object], found: Found
) -> None:
    torch.manual_seed(0)
    assert found(function, *(torch.randn(shape) for shape in LOOK_ALIKES[function])) == []
