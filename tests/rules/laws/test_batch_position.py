"""batch-position: its page."""

from collections.abc import Callable

from shapecheck.core.finding import Finding, Severity

Page = Callable[[str, str], list[Finding]]


def test_the_example_fires_and_the_remedy_does_not(laws_of_page: Page) -> None:
    found = laws_of_page("batch-position", "Example")
    (finding,) = (f for f in found if f.slug == "batch-position")
    assert (finding.slug, finding.severity) == ("batch-position", Severity.ERROR)
    assert laws_of_page("batch-position", "Use instead") == []
