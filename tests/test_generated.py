"""What is generated from the code is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import examples, generate, rule_pages


def test_the_generated_pages_are_up_to_date():
    drifted = generate.drift()
    assert not drifted, generate.complaint(drifted)


def test_every_rule_has_a_page_and_a_row():
    table = (generate.ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    for rules in rule_pages.rules_by_family().values():
        for rule in rules:
            assert f"| {rule.code} | [{rule.name}](rules/{rule.name}.md) |" in table
            assert (generate.ROOT / "docs" / "rules" / f"{rule.name}.md").is_file()


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    (tmp_path / "docs").mkdir()
    readme = (generate.RULE_REGION, generate.TARGET_REGION)
    for name, regions in (("README.md", readme), ("docs/configuration.md", (generate.KEYS_REGION,))):
        text = "\n".join("\nold\n".join(marks) for marks in regions)
        (tmp_path / name).write_text(f"# x\n{text}\nend\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    return tmp_path


def test_drift_is_named_with_the_command_that_repairs_it(checkout, capsys):
    assert generate.main(["check"]) == 1
    complaint = capsys.readouterr().err
    assert "docs/cli.md" in complaint
    assert "README.md" in complaint
    assert generate.REPAIR in complaint


def test_write_repairs_drift_and_deletes_the_pages_of_what_is_gone(checkout):
    gone = [checkout / "docs" / folder / "gone.md" for folder in ("rules", "targets")]
    for page in gone:
        page.parent.mkdir()
        page.write_text("old")
    assert generate.main(["write"]) == 0
    assert generate.main(["check"]) == 0
    assert not any(page.exists() for page in gone)
    assert (checkout / "README.md").read_text().endswith("\nend\n")


def test_wrong_use_is_told(capsys):
    assert generate.main([]) == 2
    assert "write" in capsys.readouterr().err


def test_examples_show_what_cannot_be_seen(tmp_path):
    path = tmp_path / "fail.jsonl"
    path.write_bytes(b'{"a":\t"\xe9\xe2\x80\x8b"}\r\n' + b"x" * 1000 + b"\n")
    assert examples.shown_lines(path, 1, 1) == '{"a":␉"<0xE9><U+200B>"}␍'
    assert len(examples.shown_lines(path, 2, 2)) == examples.LONGEST_EXAMPLE
    assert examples.shown_lines(tmp_path / "missing.jsonl", 1, 1) == ""


def test_utf16_is_not_shown(tmp_path):
    path = tmp_path / "fail.jsonl"
    path.write_bytes('{"messages": []}\n'.encode("utf-16"))
    assert examples.first_line(path) == ""


def test_long_ranges_are_cut(tmp_path):
    path = tmp_path / "fail.jsonl"
    path.write_text("x\n" * 20)
    assert examples.shown_lines(path, 3, 20).split("\n") == ["x"] * examples.MOST_EXAMPLE_LINES + ["…"]
