"""The tutorial with one thing wrong: each fault is explained, and at the right line."""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch

SIZES_ALONE = "--shapecheck-no-probe"  # what laws find beyond declarations is told elsewhere
Golden = Callable[[str, str], None]
Course = Callable[..., pytest.Pytester]

TESTS = """
import torch
from course.data import one_wave, waves
from course.model import LSTM
from course.training import train_as_in_the_section


def test_one_wave():
    x, y = one_wave()
    train_as_in_the_section(LSTM(), x, y, steps=2)


def test_three_waves():
    x, y = waves(3)
    train_as_in_the_section(LSTM(), x, y, steps=2)
"""

X_OF_ONE = "torch.from_numpy(x_np).unsqueeze(0).unsqueeze(-1)"
X_OF_MANY = "torch.sin(angle).unsqueeze(-1)"
ZEROS = "torch.zeros(1, batch, self.hidden_size)"
RETURNS_PREDICTION = "        return prediction, h_state, c_state"


class Fault(NamedTuple):
    """One text of one file replaced, and the line that is to be named."""

    name: str
    file: str
    old: str
    new: str
    line: str
    in_function: str


FAULTS = [
    Fault(
        "batch_first_removed", "model.py", ", batch_first=True", "",
        "r_out, (h_state, c_state) = self.rnn(x, (h_state, c_state))", "forward",
    ),
    Fault(
        "unsqueeze_dropped", "data.py", X_OF_ONE, "torch.from_numpy(x_np).unsqueeze(-1)",
        'x: Float32[Tensor, "1 seq 1"] = torch.from_numpy(x_np).unsqueeze(-1)', "one_wave",
    ),
    Fault(
        "unsqueeze_doubled", "data.py", X_OF_MANY, "torch.sin(angle).unsqueeze(-1).unsqueeze(-1)",
        'x: Float32[Tensor, "batch seq 1"] = torch.sin(angle).unsqueeze(-1).unsqueeze(-1)',
        "waves",
    ),
    Fault(
        "unsqueeze_moved", "data.py", X_OF_MANY, "torch.sin(angle).unsqueeze(0)",
        'x: Float32[Tensor, "batch seq 1"] = torch.sin(angle).unsqueeze(0)', "waves",
    ),
    Fault(
        "hidden_laid_out_batch_first", "model.py", f"        return {ZEROS}, {ZEROS}",
        f"        return {ZEROS.replace('1, batch', 'batch, 1')}, {ZEROS}",
        f"return {ZEROS.replace('1, batch', 'batch, 1')}, {ZEROS}", "init_hidden",
    ),
    Fault(
        "parameters_swapped", "training.py",
        "prediction, *after = model(x, *state)",
        "prediction, *after = model(state[0], x, state[1])",
        "prediction, *after = model(state[0], x, state[1])", "train_step",
    ),
    Fault(
        "return_value_transposed", "model.py", RETURNS_PREDICTION,
        RETURNS_PREDICTION.replace("prediction", "prediction.transpose(0, 1)"),
        "return prediction.transpose(0, 1), h_state, c_state", "forward",
    ),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _torch_is_whole() -> None:
    """The first step of an optimiser imports parts of torch that can be imported only once."""
    weight = torch.nn.Parameter(torch.ones(1))
    weight.sum().backward()
    for kind in (torch.optim.SGD, torch.optim.Adam):
        kind([weight]).step()


@pytest.mark.parametrize("fault", FAULTS, ids=[f.name for f in FAULTS])
def test_a_fault_of_the_course(course: Course, golden: Golden, fault: Fault) -> None:
    project = course(fault.file, fault.old, fault.new)
    project.makepyfile(test_it=TESTS)
    result = project.runpytest_inprocess("--tb=short", SIZES_ALONE)
    text = str(result.stdout).replace(f"{project.path}/", "")
    assert result.parseoutcomes()["failed"] >= 1
    place = rf"course/{fault.file}:(\d+): in \S*{fault.in_function}\n    {re.escape(fault.line)}\n"
    found = re.search(place, text)
    assert found, text
    source = (project.path / "course" / fault.file).read_text(encoding="utf-8").splitlines()
    assert source[int(found[1]) - 1].strip() == fault.line
    golden(f"course_{fault.name}.txt", message(text))


def message(text: str) -> str:
    """Our words on the first failure that we explain."""
    marker = "- shapecheck explains -"
    if marker in text:
        section = text.partition(marker)[2].partition("\n")[2]
        return re.split(r"\n[_=-]{3}|\nshapecheck: ", section)[0]
    lines = text.partition("= FAILURES =")[2].partition("\nshapecheck: ")[0].splitlines()
    first = next(i for i, line in enumerate(lines) if "shapecheck.ShapeError: " in line)
    last = next((i for i in range(first, len(lines)) if not lines[i].startswith("E ")), len(lines))
    place = next(i for i in range(first, 0, -1) if re.match(r"\S+:\d+: in ", lines[i]))
    return "\n".join(lines[place:last])


def test_the_course_as_it_is_passes(course: Course) -> None:
    project = course()
    project.makepyfile(test_it=TESTS)
    result = project.runpytest_inprocess(SIZES_ALONE)
    result.assert_outcomes(passed=2)
    assert re.search(r"shapecheck: \d\d declarations of \d+ functions checked", str(result.stdout))


def test_a_batch_of_three_shows_what_the_printed_model_hides(
    course: Course, golden: Golden
) -> None:
    project = course()
    project.makepyfile(
        test_it="""
        import torch
        from course.as_printed import AsPrinted
        from course.data import waves

        def test_one():
            AsPrinted()(waves(1)[0], *AsPrinted().init_hidden())

        def test_three():
            zeros = torch.zeros(1, 3, 20)
            AsPrinted()(waves(3)[0], zeros, zeros)
        """
    )
    result = project.runpytest_inprocess("--tb=short", SIZES_ALONE)
    result.assert_outcomes(passed=1, failed=1)
    golden("course_as_printed.txt", message(str(result.stdout)))


def test_one_sample_is_enough_to_find_what_the_printed_model_hides(
    course: Course, golden: Golden
) -> None:
    project = course()
    project.makepyfile(
        test_it="""
        from course.as_printed import AsPrinted
        from course.data import one_wave

        def test_one():
            x, _ = one_wave()
            model = AsPrinted()
            model(x, *model.init_hidden())
        """
    )
    result = project.runpytest_inprocess("--tb=short")
    result.assert_outcomes(failed=1)
    golden("course_as_printed_latent.txt", message(str(result.stdout)))


def test_the_family_passes_with_its_laws_shown(course: Course, golden: Golden) -> None:
    project = course()
    project.makepyfile(
        test_it="""
        import pytest
        from course.data import waves
        from course.family import FAMILY, build

        @pytest.mark.parametrize("name", FAMILY)
        def test_three_waves(name):
            x, _ = waves(3)
            model = build(name)
            prediction, *state = model(x, *model.init_hidden(3))
            assert prediction.shape == (3, 10, 1)
        """
    )
    result = project.runpytest_inprocess("--shapecheck-report")
    result.assert_outcomes(passed=6)
    laws = str(result.stdout).partition("= shapecheck: laws =")[2].partition("\n")[2]
    golden("course_family_laws.txt", re.sub(r"\n=+.*", "", laws))


BIT_EQUAL = """
import torch
from course.data import waves
from course.family import FAMILY
from course.training import train_as_in_the_section, train_until_it_learns


def test_train():
    kept = {}
    for name, kind in sorted(FAMILY.items()):
        for train in (train_as_in_the_section, train_until_it_learns):
            torch.manual_seed(0)
            model = kind()
            x, y = waves(3)
            run = train(model, x, y, steps=12, report=lambda line: None)
            kept[name, train.__name__] = (
                run.losses, run.gradient_norms, run.prediction, model.state_dict(),
                torch.get_rng_state(),
            )
    torch.save(kept, "kept.pt")
"""


def test_training_is_bit_equal_with_and_without_the_guard(course: Course) -> None:
    project = course()
    project.makepyfile(test_it=BIT_EQUAL)
    kept = project.path / "kept.pt"
    found = []
    for argument in (SIZES_ALONE, "--no-shapecheck"):
        result = project.runpytest_inprocess(argument)
        result.assert_outcomes(passed=1)
        assert ("functions checked" in str(result.stdout)) == (argument == SIZES_ALONE)
        found.append(kept.read_bytes())
        kept.unlink()
    assert found[0] == found[1]
