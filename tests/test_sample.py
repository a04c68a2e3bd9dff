"""The shipped sample shows what the README promises."""

from jsonl_lint import check_file


def test_the_sample_has_the_defects_it_was_made_for():
    report = check_file("fixtures/sample.jsonl")
    found = {(finding.line, finding.rule) for finding in report.findings}
    assert found >= {
        (2, "extra-key"),
        (3, "empty-messages"),
        (4, "unknown-role"),
        (5, "blank-line"),
        (6, "missing-role"),
        (7, "trailing-comma"),
        (8, "consecutive-roles"),
        (8, "nothing-to-learn"),
        (9, "truncated-json"),
    }
    assert {finding.line for finding in report.findings} == set(range(2, 10))
